(** Runs on mixtures: what the losses of global minimisers obey, and what the cycles forgive. *)
From Coq Require Import Reals List Lra Psatz.
From Elastic Require Import Sums.
Open Scope R_scope.

Section Runs.
Context {Run Domain : Type} (domains : list Domain) (w L : Run -> Domain -> R).

(** What run i's objective would pay for run j's losses instead of its own. *)
Definition excess i j := Σ(d ∈ domains) w i d * (L j d - L i d).

(** A path from i to j through the runs in [via]; a cycle is a path from i to i. *)
Fixpoint path i (via : list Run) j :=
  match via with nil => excess i j | m :: via => excess i m + path m via j end.

Definition one_sided := forall i j, 0 <= excess i j.
Definition no_negative_cycle := forall i via, 0 <= path i via i.

Theorem minimisers_pass {Model} (loss : Model -> Domain -> R) (model : Run -> Model) :
  (forall i d, L i d = loss (model i) d) ->
  (forall i m, Σ(d ∈ domains) w i d * loss (model i) d <= Σ(d ∈ domains) w i d * loss m d) ->
  one_sided.
Proof.
  intros own best i j. specialize (best i (model j)). unfold excess.
  rewrite (sum_ext _ _ (fun d => w i d * loss (model j) d + -1 * (w i d * loss (model i) d)))
    by (intros; rewrite !own; ring).
  rewrite sum_add, sum_scale. lra.
Qed.

(** Conversely the class of the runs themselves: data that pass are those of minimisers. *)
Theorem passing_are_minimisers :
  one_sided <-> forall i j, Σ(d ∈ domains) w i d * L i d <= Σ(d ∈ domains) w i d * L j d.
Proof.
  assert (E : forall i j, excess i j
      = Σ(d ∈ domains) w i d * L j d + -1 * (Σ(d ∈ domains) w i d * L i d)).
  { intros i j. rewrite <- sum_scale, <- sum_add. apply sum_ext. intros; ring. }
  split; intros H i j; specialize (H i j); rewrite E in *; lra.
Qed.

Lemma path_nonneg : one_sided -> forall via i j, 0 <= path i via j.
Proof.
  intros H via. induction via as [|m via IH]; simpl; intros i j; [apply H|].
  specialize (IH m j). specialize (H i m). lra.
Qed.

Theorem cyclically_monotone : one_sided -> no_negative_cycle.
Proof. intros H i via. now apply path_nonneg. Qed.

Theorem two_sided i j :
  no_negative_cycle -> Σ(d ∈ domains) (w i d - w j d) * (L i d - L j d) <= 0.
Proof.
  intros H. specialize (H i (j :: nil)). simpl in H. unfold excess in H.
  rewrite (sum_ext _ _ (fun d => -1 * (w i d * (L j d - L i d) + w j d * (L i d - L j d))))
    by (intros; ring).
  rewrite sum_scale, sum_add. lra.
Qed.

Lemma path_app i u m v j : path i (u ++ m :: v) j = path i u m + path m v j.
Proof. revert i. induction u as [|a u IH]; simpl; intros i; [lra|]. rewrite IH; lra. Qed.
End Runs.

(** Cycles know the losses up to one shift per run, common to all domains (Rockafellar's potential). *)
Section Shifts.
Context {Run Domain : Type} (domains : list Domain) (w L : Run -> Domain -> R) (W : R).
Hypothesis equal_weights : forall i, Σ(d ∈ domains) w i d = W.
Hypothesis positive : 0 < W.

Lemma excess_shifted (s : Run -> R) i j :
  excess domains w (fun r d => L r d + s r) i j = excess domains w L i j + W * (s j - s i).
Proof.
  unfold excess. rewrite <- (equal_weights i), Rmult_comm, <- sum_scale, <- sum_add.
  apply sum_ext. intros; ring.
Qed.

Lemma path_shifted (s : Run -> R) via i j :
  path domains w (fun r d => L r d + s r) i via j = path domains w L i via j + W * (s j - s i).
Proof.
  revert i. induction via as [|m via IH]; simpl; intros i; rewrite ?IH, excess_shifted; lra.
Qed.

Theorem cycles_forgive_shifts (r : Run) :
  no_negative_cycle domains w L <->
  exists shift, one_sided domains w (fun r d => L r d + shift r).
Proof.
  split.
  2: { intros [s H] i via. pose proof (path_nonneg _ _ _ H via i i) as P.
       rewrite path_shifted in P. lra. }
  intros H.
  (* s j is minus the infimum of the costs of all paths from r to j *)
  pose (costs j c := exists via, c = - path domains w L r via j).
  assert (bounded : forall j, bound (costs j)).
  { intros j. exists (path domains w L j nil r). intros c [via ->].
    pose proof (H r (via ++ j :: nil)) as cycle. rewrite path_app in cycle. lra. }
  assert (some : forall j, exists c, costs j c) by (intros j; now exists (- path domains w L r nil j), nil).
  pose (s j := proj1_sig (completeness _ (bounded j) (some j))).
  assert (least : forall j, is_lub (costs j) (s j)).
  { intros j. unfold s. now destruct (completeness _ _ _). }
  exists (fun j => s j / W). intros i j. rewrite excess_shifted.
  replace (W * (s j / W - s i / W)) with (s j - s i) by (field; lra).
  enough (s i <= s j + excess domains w L i j) by lra.
  apply (proj2 (least i)). intros c [via ->].
  enough (longer : - path domains w L r (via ++ i :: nil) j <= s j) by (rewrite path_app in longer; simpl in longer; lra).
  apply (proj1 (least j)). now exists (via ++ i :: nil).
Qed.
End Shifts.

(** Two domains with weights (k, 1) and (k', 1): the effective ratio lies between the two. *)
Theorem ratio_between k k' L1 L2 L1' L2' :
  k < k' -> k * L1 + L2 <= k * L1' + L2' -> k' * L1' + L2' <= k' * L1 + L2 ->
  L1' < L1 -> k <= (L2' - L2) / (L1 - L1') <= k'.
Proof.
  intros _ best best' fall.
  split; apply Rmult_le_reg_r with (L1 - L1'); try lra; field_simplify; lra.
Qed.

