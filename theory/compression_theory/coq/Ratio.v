(** The exact ratio: pre-training k, alignment 1, perturbation l. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.

Section Ratio.
Context {X : Type} (leaves : list X) (k : R) (Pp Pa Pt : X -> R).
Hypothesis k_pos : 0 < k.
Hypothesis laws : is_law leaves Pp /\ is_law leaves Pa /\ is_law leaves Pt.

Notation roles := [(k, Pp); (1, Pa)].
Notation P l := (joint roles Pt l).
Notation gamma q := (rate leaves roles Pt q).
Notation G l q r := (G leaves roles Pt l q r).

Lemma roles_are_datasets : roles <> [] /\ forall i, In i roles -> 0 < volume i /\ is_law leaves (law i).
Proof. split; [discriminate|]. intros i [<-|[<-|[]]]; simpl; intuition lra. Qed.

Lemma roles_balance l :
  0 <= l -> within Pt (P l) -> k * G l Pp Pt + G l Pa Pt + l * G l Pt Pt = 0.
Proof.
  intros Hl Hw. pose proof (balance leaves roles Pt roles_are_datasets (proj2 (proj2 laws)) l Hl Hw) as B.
  cbn [sum volume law fst snd] in B. lra.
Qed.

Lemma slope q l : 0 <= l -> q = Pp \/ q = Pa \/ q = Pt -> within Pt (P l) ->
  is_derive (gamma q) l (- G l q Pt / total roles l).
Proof.
  intros Hl Hq Hw. apply elastic_response; trivial; try apply roles_are_datasets; try apply laws.
  - destruct Hq as [->|[->| ->]]; apply laws.
  - destruct Hq as [->|[->| ->]]; trivial.
    + apply (dataset_within leaves roles Pt roles_are_datasets (proj2 (proj2 laws)) (k, Pp)); simpl; auto.
    + apply (dataset_within leaves roles Pt roles_are_datasets (proj2 (proj2 laws)) (1, Pa)); simpl; auto.
Qed.

Theorem exact_ratio : within Pt (P 0) ->
  ex_derive (gamma Pa) 0 /\ ex_derive (gamma Pp) 0 /\ Derive (gamma Pa) 0 = - k * Derive (gamma Pp) 0.
Proof.
  intros Hw. pose proof (slope Pa 0 (Rle_refl 0) (or_intror (or_introl eq_refl)) Hw) as a.
  pose proof (slope Pp 0 (Rle_refl 0) (or_introl eq_refl) Hw) as p.
  split; [eexists; exact a|]. split; [eexists; exact p|].
  rewrite (is_derive_unique _ _ _ a), (is_derive_unique _ _ _ p).
  pose proof (roles_balance 0 (Rle_refl 0) Hw). unfold Rdiv.
  replace (G 0 Pa Pt) with (- k * G 0 Pp Pt) by lra. ring.
Qed.

Theorem ratio_beyond l : 0 <= l -> within Pt (P l) ->
  G l Pp Pt <> 0 -> G l Pa Pt <> 0 -> G l Pt Pt <> 0 ->
  let lambda := - G l Pa Pt / G l Pt Pt in
  ex_derive (gamma Pa) l /\ ex_derive (gamma Pp) l /\
  Derive (gamma Pa) l / Derive (gamma Pp) l = - k / (1 - l / lambda).
Proof.
  intros Hl Hw p0 a0 t0 lambda.
  split; [eexists; exact (slope Pa l Hl (or_intror (or_introl eq_refl)) Hw)|].
  split; [eexists; exact (slope Pp l Hl (or_introl eq_refl) Hw)|].
  rewrite (is_derive_unique _ _ _ (slope Pa l Hl (or_intror (or_introl eq_refl)) Hw)).
  rewrite (is_derive_unique _ _ _ (slope Pp l Hl (or_introl eq_refl) Hw)).
  pose proof (roles_balance l Hl Hw) as B.
  pose proof (total_pos leaves roles roles_are_datasets l Hl) as HT.
  unfold lambda. set (a := G l Pa Pt) in *. set (p := G l Pp Pt) in *. set (s := G l Pt Pt) in *.
  assert (a + l * s <> 0) by (assert (k * p <> 0) by (apply Rmult_integral_contrapositive_currified; lra); lra).
  replace p with (- (a + l * s) / k) by (field_simplify_eq; lra).
  field. repeat split; lra.
Qed.

(** Mass of P_t where nobody else has any: the balance of the two slopes tends to it. *)
Definition base x := k * Pp x + Pa x.
Definition outside x := if Req_EM_T (base x) 0 then Pt x else 0.

Theorem mass_outside :
  (forall l, 0 < l -> ex_derive (gamma Pa) l /\ ex_derive (gamma Pp) l) /\
  filterlim (fun l => Derive (gamma Pa) l + k * Derive (gamma Pp) l) (at_right 0)
    (locally (Σ(x ∈ leaves) outside x)).
Proof.
  split.
  { intros l Hl. pose proof (perturbation_within leaves roles Pt roles_are_datasets l Hl) as Hw.
    split; eexists; apply slope; auto; lra. }
  set (term x l := if Req_EM_T (base x) 0 then Pt x else l * Pt x ^ 2 / (base x + l * Pt x)).
  set (closed l := Σ(x ∈ leaves) term x l - l / (k + 1 + l)).
  apply filterlim_ext_loc with closed.
  - exists (mkposreal 1 Rlt_0_1). intros l _ Hl. simpl in Hl.
    assert (Hw : within Pt (P l)).
    { apply (perturbation_within leaves roles Pt roles_are_datasets); trivial. }
    pose proof (Rlt_le _ _ Hl) as Hl'.
    rewrite (is_derive_unique _ _ _ (slope Pa l Hl' (or_intror (or_introl eq_refl)) Hw)).
    rewrite (is_derive_unique _ _ _ (slope Pp l Hl' (or_introl eq_refl) Hw)).
    pose proof (roles_balance l Hl' Hw) as B.
    pose proof (total_pos leaves roles roles_are_datasets l Hl') as HT.
    transitivity (l * G l Pt Pt / total roles l).
    2: { replace (l * G l Pt Pt) with (- (k * G l Pp Pt + G l Pa Pt)) by lra. field. lra. }
    unfold closed, Mixture.G. replace (k + 1 + l) with (total roles l) by (unfold total; simpl; ring).
    rewrite (sum_ext _ (fun x => term x l) (fun x => l / total roles l * (Pt x * Pt x / P l x))).
    { rewrite sum_scale. field. lra. }
    intros x _. unfold term. destruct laws as [[pp _] [[pa _] [pt _]]].
    specialize (pp x). specialize (pa x). specialize (pt x).
    unfold joint. replace (weight roles Pt l x) with (base x + l * Pt x) by (unfold weight, base; simpl; ring).
    destruct (Rle_lt_or_eq_dec 0 (Pt x) pt) as [pos|zero].
    + assert (0 < base x + l * Pt x) by (unfold base in *; nra).
      destruct (Req_EM_T (base x) 0) as [->|]; field; lra.
    + rewrite <- zero. destruct (Req_EM_T (base x) 0); unfold Rdiv; ring.
  - apply (filterlim_filter_le_1 (F := locally 0) (G := at_right 0)).
    { intros Q [e He]. exists e. intros y Hy _. now apply He. }
    replace (Σ(x ∈ leaves) outside x) with (closed 0).
    + apply (continuity_pt_filterlim closed 0), derivable_continuous_pt, ex_derive_Reals_0.
      unfold closed. apply (ex_derive_minus (fun l => Σ(x ∈ leaves) term x l)); [|auto_derive; lra].
      assert (each : forall x, ex_derive (term x) 0).
      { intros x. unfold term. destruct (Req_EM_T (base x) 0); auto_derive; trivial; lra. }
      exists (Σ(x ∈ leaves) Derive (term x) 0). apply is_derive_sum. intros x _.
      apply Derive_correct, each.
    + unfold closed. replace (0 / (k + 1 + 0)) with 0 by (field; lra). rewrite Rminus_0_r.
      apply sum_ext. intros x _. unfold term, outside.
      destruct (Req_EM_T (base x) 0); trivial. unfold Rdiv. ring.
Qed.
End Ratio.
