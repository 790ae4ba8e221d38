(** Finite changes of the saturated model: Gibbs, the change identity, bounds, the code's jumps. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.

(** Divergence, in nats; 0 log 0 = 0. *)
Definition KL {X} (leaves : list X) (p q : X -> R) := Σ(x ∈ leaves) p x * (ln (p x) - ln (q x)).

Theorem gibbs {X} (leaves : list X) (p q : X -> R) :
  is_law leaves p -> is_law leaves q -> within p q -> 0 <= KL leaves p q.
Proof.
  intros [pos one] [qpos qone] Hw. unfold KL.
  rewrite (sum_ext _ _ (fun x => -1 * (p x * (ln (q x) - ln (p x))))) by (intros; ring).
  rewrite sum_scale. enough (Σ(x ∈ leaves) p x * (ln (q x) - ln (p x)) <= 0) by lra.
  apply Rle_trans with (Σ(x ∈ leaves) (q x + -1 * p x)).
  - apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (p x) (pos x)) as [px|<-].
    + specialize (Hw x px). rewrite <- ln_div by assumption.
      pose proof (ln_le_sub (q x / p x) (Rdiv_lt_0_compat _ _ Hw px)) as E.
      apply Rmult_le_compat_l with (r := p x) in E; [|lra].
      replace (p x * (q x / p x - 1)) with (q x + -1 * p x) in E by (field; lra). lra.
    + specialize (qpos x). lra.
  - rewrite sum_add, sum_scale, one, qone. lra.
Qed.

Section Finite.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R) (l : R).
Hypothesis datasets : data <> nil /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Hypothesis l_pos : 0 < l.

Notation P l := (joint data t l).
Notation T l := (total data l).
Notation G l q r := (G leaves data t l q r).
Definition change q := rate leaves data t q l - rate leaves data t q 0.

Lemma change_sum q : change q = Σ(x ∈ leaves) q x * (ln (P 0 x) - ln (P l x)).
Proof.
  unfold change, rate.
  rewrite (sum_ext _ (fun x => _ * (_ - _)) (fun x => q x * ln (P 0 x) + -1 * (q x * ln (P l x))))
    by (intros; ring).
  rewrite sum_add, sum_scale. ring.
Qed.

Lemma later q : within q (P 0) -> within q (P l).
Proof.
  intros Hw x Hx. specialize (Hw x Hx). pose proof (total_pos leaves data datasets 0 (Rle_refl 0)).
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)). pose proof (proj1 perturbation x).
  apply Rdiv_lt_0_compat; [|assumption]. unfold joint, weight in *.
  assert (0 < Σ(i ∈ data) volume i * law i x + 0 * t x).
  { apply Rmult_lt_reg_r with (/ T 0); [now apply Rinv_0_lt_compat|]. now rewrite Rmult_0_l. }
  nra.
Qed.

(** change-identity. The support is part of the conclusion, so that no logarithm is one of 0. *)
Lemma before_within : within (P 0) (P l).
Proof. apply later. intros x Hx. exact Hx. Qed.

Lemma change_identity_sum : Σ(i ∈ data) volume i * change (law i) = T 0 * KL leaves (P 0) (P l).
Proof.
  pose proof (over_datasets leaves data t datasets 0 (fun x => ln (P 0 x) - ln (P l x)) (Rle_refl 0)) as E.
  simpl in E. unfold KL. rewrite <- E, Rmult_0_l, Rplus_0_r. apply sum_ext. intros i _. now rewrite change_sum.
Qed.

Theorem change_identity :
  within (P 0) (P l) /\ Σ(i ∈ data) volume i * change (law i) = T 0 * KL leaves (P 0) (P l).
Proof. split; [exact before_within|exact change_identity_sum]. Qed.

(** The support is assumed because Coq's ln 0 is 0: without it both sides are infinite on paper. *)
Theorem change_identity_own : within t (P 0) ->
  - l * change t = T 0 * KL leaves (P 0) (P l) + T l * KL leaves (P l) (P 0).
Proof.
  intros _.
  pose proof (over_datasets leaves data t datasets l (fun x => ln (P l x) - ln (P 0 x)) (Rlt_le _ _ l_pos)) as E.
  simpl in E. unfold KL at 2. rewrite <- E, <- change_identity_sum, change_sum.
  rewrite (sum_ext data (fun i => volume i * change (law i))
    (fun i => -1 * (volume i * (Σ(x ∈ leaves) law i x * (ln (P l x) - ln (P 0 x)))))).
  2: { intros i _. rewrite change_sum.
       rewrite (sum_ext leaves (fun x => law i x * (ln (P 0 x) - ln (P l x)))
         (fun x => -1 * (law i x * (ln (P l x) - ln (P 0 x))))) by (intros; ring).
       rewrite sum_scale. ring. }
  rewrite sum_scale.
  rewrite (sum_ext leaves (fun x => t x * (ln (P 0 x) - ln (P l x)))
    (fun x => -1 * (t x * (ln (P l x) - ln (P 0 x))))) by (intros; ring).
  rewrite sum_scale. ring.
Qed.

(** The mixture fits its own data best. *)
Theorem change_nonneg : 0 <= Σ(i ∈ data) volume i * change (law i).
Proof.
  rewrite change_identity_sum. apply Rmult_le_pos; [left; apply (total_pos leaves data datasets); lra|].
  apply gibbs; [| |apply before_within]; apply joint_is_law; trivial; lra.
Qed.

(** finite-l: the quotient of the two joints at a leaf, and three bounds *)
Lemma quotient x : 0 < P 0 x -> P l x / P 0 x = 1 + l / T l * (t x / P 0 x - 1).
Proof.
  intros H. pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as H0.
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)) as Hl.
  replace (P l x) with ((T 0 * P 0 x + l * t x) / T l).
  - replace (T l) with (T 0 + l) in * by (unfold total; ring). field. lra.
  - unfold joint, weight. field. lra.
Qed.

Theorem lower_bound q : is_law leaves q -> within q (P 0) -> - (l / T l) * G 0 q t <= change q.
Proof.
  intros [pos one] Hw. rewrite change_sum.
  replace (- (l / T l) * G 0 q t) with (Σ(x ∈ leaves) (- (l / T l) * (q x * t x / P 0 x) + l / T l * q x))
    by (rewrite sum_add, !sum_scale, one; unfold Mixture.G; ring).
  apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-];
    [|unfold Rdiv; rewrite !Rmult_0_l, !Rmult_0_r; lra].
  pose proof (Hw x qx) as H0. pose proof (later q Hw x qx) as H1.
  pose proof (ln_le_sub (P l x / P 0 x) (Rdiv_lt_0_compat _ _ H1 H0)) as E.
  rewrite ln_div, quotient in E by assumption.
  apply Rmult_le_compat_l with (r := q x) in E; [|lra].
  replace (- (l / T l) * (q x * t x / P 0 x) + l / T l * q x)
    with (- (q x * (1 + l / T l * (t x / P 0 x - 1) - 1))) by (unfold Rdiv; ring). lra.
Qed.

Theorem upper_bound q : is_law leaves q -> within q (P 0) -> change q <= - (l / T 0) * G l q t.
Proof.
  intros [pos one] Hw. rewrite change_sum.
  replace (- (l / T 0) * G l q t) with (Σ(x ∈ leaves) (- (l / T 0) * (q x * t x / P l x) + l / T 0 * q x))
    by (rewrite sum_add, !sum_scale, one; unfold Mixture.G; ring).
  apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-];
    [|unfold Rdiv; rewrite !Rmult_0_l, !Rmult_0_r; lra].
  pose proof (Hw x qx) as H0. pose proof (later q Hw x qx) as H1.
  pose proof (ln_le_sub (P 0 x / P l x) (Rdiv_lt_0_compat _ _ H0 H1)) as E.
  rewrite ln_div in E by assumption.
  apply Rmult_le_compat_l with (r := q x) in E; [|lra].
  apply Rle_trans with (1 := E). apply Req_le.
  pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as HT0.
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)) as HTl.
  assert (HP : P 0 x = (T l * P l x - l * t x) / T 0) by (unfold joint, weight; field; lra).
  rewrite HP. replace (T l) with (T 0 + l) by (unfold total; ring). field. lra.
Qed.

(** The cap: no saturated rate rises by more. *)
Theorem cap q : is_law leaves q -> within q (P 0) -> change q <= ln (1 + l / T 0).
Proof.
  intros [pos one] Hw. rewrite change_sum.
  replace (ln (1 + l / T 0)) with (Σ(x ∈ leaves) ln (1 + l / T 0) * q x) by (rewrite sum_scale, one; ring).
  apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-]; [|lra].
  pose proof (Hw x qx) as H0. pose proof (later q Hw x qx) as H1.
  pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as HT0.
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)) as HTl.
  rewrite <- ln_div, Rmult_comm by assumption. apply Rmult_le_compat_r; [lra|].
  apply ln_le; [now apply Rdiv_lt_0_compat|].
  pose proof (proj1 perturbation x) as tx.
  apply Rmult_le_reg_r with (P l x); [assumption|].
  replace (P 0 x / P l x * P l x) with (P 0 x) by (field; lra).
  replace ((1 + l / T 0) * P l x) with (P 0 x + l * t x / T 0).
  - enough (0 <= l * t x / T 0) by lra. apply Rmult_le_pos; [nra|]. left. now apply Rinv_0_lt_compat.
  - unfold joint, weight. replace (T l) with (T 0 + l) in * by (unfold total; ring). field. lra.
Qed.

(** huffman-jump: two codes' lengths, equally good for the joint at l. *)
Definition mean q (length : X -> R) := Σ(x ∈ leaves) q x * length x.

Theorem huffman_jump_sum old new :
  mean (P l) new = mean (P l) old ->
  Σ(i ∈ data) volume i * (mean (law i) new - mean (law i) old) + l * (mean t new - mean t old) = 0.
Proof.
  intros tie.
  assert (diff : forall q, mean q new - mean q old = Σ(x ∈ leaves) q x * (new x - old x)).
  { intros q. unfold mean.
    rewrite (sum_ext _ (fun x => _ * (_ - _)) (fun x => q x * new x + -1 * (q x * old x))) by (intros; ring).
    rewrite sum_add, sum_scale. ring. }
  pose proof (over_datasets leaves data t datasets l (fun x => new x - old x) (Rlt_le _ _ l_pos)) as E.
  simpl in E. rewrite diff, (sum_ext data _ (fun i => volume i * (Σ(x ∈ leaves) law i x * (new x - old x))))
    by (intros; now rewrite diff).
  rewrite E, <- diff, tie. ring.
Qed.
End Finite.
