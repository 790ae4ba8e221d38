(** The inner product G: symmetric, linear, its diagonal a chi-squared distance to the joint. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.

Section Inner.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R) (l : R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Hypothesis l_nonneg : 0 <= l.
Notation P := (joint data t l).
Notation G q r := (G leaves data t l q r).

Theorem inner_symmetric q r : G q r = G r q.
Proof. unfold Mixture.G. f_equal. apply sum_ext. intros; unfold Rdiv; ring. Qed.

(** G(q,q) is the chi-squared distance of q from the joint. *)
Theorem chi_squared q : is_law leaves q -> within q P ->
  G q q = Σ(x ∈ leaves) P x * (q x / P x - 1) ^ 2.
Proof.
  intros [pos one] Hw.
  assert (HP : is_law leaves P) by now apply joint_is_law.
  rewrite (sum_ext _ (fun x => P x * _) (fun x => q x * q x / P x + (-2 * q x + P x))).
  - rewrite !sum_add, sum_scale, one, (proj2 HP). unfold Mixture.G. ring.
  - intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-].
    + specialize (Hw x qx). field. lra.
    + unfold Rdiv. ring.
Qed.

Lemma joint_nonneg x : 0 <= P x.
Proof. now apply (joint_is_law leaves data t datasets perturbation l l_nonneg). Qed.

Theorem inner_nonneg q : is_law leaves q -> within q P -> 0 <= G q q.
Proof.
  intros Hq Hw. rewrite chi_squared by assumption. apply sum_nonneg. intros x _.
  apply Rmult_le_pos; [apply joint_nonneg|apply pow2_ge_0].
Qed.

Lemma sum_zero_each {A} (s : list A) (f : A -> R) :
  (forall x, In x s -> 0 <= f x) -> Σ(x ∈ s) f x = 0 -> forall x, In x s -> f x = 0.
Proof.
  intros pos zero x Hx. pose proof (sum_term s f x pos Hx). specialize (pos x Hx). lra.
Qed.

(** It vanishes only where q is the joint itself. *)
Theorem inner_zero q : is_law leaves q -> within q P -> G q q = 0 ->
  forall x, In x leaves -> q x = P x.
Proof.
  intros Hq Hw zero x Hx. rewrite chi_squared in zero by assumption.
  assert (term : P x * (q x / P x - 1) ^ 2 = 0).
  { apply sum_zero_each with (s := leaves) (f := fun x => P x * (q x / P x - 1) ^ 2); trivial.
    intros y _. apply Rmult_le_pos; [apply joint_nonneg|apply pow2_ge_0]. }
  destruct (Rle_lt_or_eq_dec 0 (P x) (joint_nonneg x)) as [px|px].
  - apply Rmult_integral in term. destruct term as [|term]; [lra|].
    assert (root : q x / P x - 1 = 0) by (apply Rsqr_0_uniq; unfold Rsqr; lra).
    replace (q x) with (q x / P x * P x) by (field; lra). replace (q x / P x) with 1 by lra. ring.
  - destruct (Rle_lt_or_eq_dec 0 (q x) (proj1 Hq x)) as [qx|qx]; [specialize (Hw x qx)|]; lra.
Qed.
End Inner.
