(** Revealed preference and the base ceiling: any set of models, any losses, no derivative. *)
From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.

Definition minimises {Model} (loss : Model -> R) (m : Model) := forall m', loss m <= loss m'.

Section Revealed.
Context {Model : Type} (Lp La Lt : Model -> R) (k l : R) (before after : Model).
Hypothesis volumes : 0 < k /\ 0 < l.
Hypothesis best_after : minimises (fun m => k * Lp m + La m + l * Lt m) after.

Definition change (L : Model -> R) := L after - L before.

Section Base.
Hypothesis best_before : minimises (fun m => k * Lp m + La m) before.

Theorem revealed_preference : 0 <= k * change Lp + change La <= - l * change Lt.
Proof.
  unfold change. specialize (best_before after). specialize (best_after before). simpl in *. lra.
Qed.

Theorem alignment_rises : change Lp < 0 -> 0 < change La /\ k <= - change La / change Lp.
Proof.
  intros fall. destruct revealed_preference as [both _]. split; [nra|].
  replace (- change La / change Lp) with (change La / - change Lp) by (field; lra).
  apply Rmult_le_reg_r with (- change Lp); [lra|]. field_simplify; lra.
Qed.
End Base.

(** Training within eps of the optimum. *)
Theorem within_eps eps :
  (forall m, k * Lp before + La before <= k * Lp m + La m + eps) ->
  change Lp < 0 -> k - eps / Rabs (change Lp) <= - change La / change Lp.
Proof.
  intros near fall. specialize (near after). rewrite Rabs_left by assumption. unfold change in *.
  set (f := Lp after - Lp before) in *. set (r := La after - La before) in *.
  apply Rmult_le_reg_r with (- f); [lra|].
  replace ((k - eps / - f) * - f) with (- k * f - eps) by (field; lra).
  replace (- r / f * - f) with r by (field; lra). unfold f, r in *. lra.
Qed.

Theorem base_ceiling base :
  minimises Lp base -> La after - La base <= l * (Lt base - Lt after).
Proof.
  intros best. specialize (best after). specialize (best_after base). simpl in *. nra.
Qed.
End Revealed.

