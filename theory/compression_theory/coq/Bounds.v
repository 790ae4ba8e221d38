(** Two bounds: Hooke's, on what all datasets lose together, and the slope's, free of k's limit. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture Ratio Finite Theta Inner.
Import ListNotations.
Open Scope R_scope.

Section Hooke.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R) (l : R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Hypothesis l_pos : 0 < l.
Notation P l := (joint data t l).
Notation T l := (total data l).

Lemma divergence_change q : KL leaves q (P l) - KL leaves q (P 0) = change leaves data t l q.
Proof.
  rewrite change_sum. unfold KL.
  rewrite (sum_ext _ (fun x => q x * (ln (P 0 x) - ln (P l x)))
    (fun x => q x * (ln (q x) - ln (P l x)) + -1 * (q x * (ln (q x) - ln (P 0 x))))) by (intros; ring).
  rewrite sum_add, sum_scale. ring.
Qed.

Theorem hooke_bound : within t (P 0) ->
  (forall i, In i data -> within (law i) (P 0) /\ within (law i) (P l)) /\
  0 <= Σ(i ∈ data) volume i * (KL leaves (law i) (P l) - KL leaves (law i) (P 0))
    <= l ^ 2 * G leaves data t 0 t t / (2 * T 0).
Proof.
  intros Hw.
  assert (support : forall i, In i data -> within (law i) (P 0)).
  { intros i Hi. apply (dataset_within leaves data t datasets perturbation); trivial; lra. }
  split.
  { intros i Hi. split; [auto|]. apply (later leaves data t l datasets perturbation l_pos). auto. }
  rewrite (sum_ext data _ (fun i => volume i * change leaves data t l (law i)))
    by (intros; now rewrite divergence_change).
  split; [now apply change_nonneg|].
  pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as HT0.
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)) as HTl.
  apply Rle_trans with (Σ(i ∈ data) (- (l / T l) * (volume i * G leaves data t 0 (law i) t)
      + l ^ 2 / (2 * T 0 ^ 2) * (volume i * V leaves data t (law i)))).
  - apply sum_le. intros i Hi. destruct (proj2 datasets i Hi) as [pos Hlaw].
    pose proof (parabola leaves data t l datasets perturbation l_pos (law i) Hlaw (support i Hi)) as E.
    apply Rmult_le_compat_l with (r := volume i) in E; [|lra].
    apply Rle_trans with (1 := E), Req_le. field. lra.
  - rewrite sum_add, !sum_scale.
    pose proof (balance leaves data t datasets perturbation 0 (Rle_refl 0) Hw) as B.
    rewrite Rmult_0_l, Rplus_0_r in B. rewrite B.
    pose proof (over_datasets leaves data t datasets 0 (fun x => (t x / P 0 x - 1) ^ 2) (Rle_refl 0)) as E.
    simpl in E. rewrite Rmult_0_l, Rplus_0_r in E. unfold V.
    rewrite (chi_squared leaves data t 0 datasets perturbation (Rle_refl 0) t perturbation Hw).
    apply Req_le. simpl. rewrite E. field. lra.
Qed.
End Hooke.

Section Slope.
Context {X : Type} (leaves : list X) (k q l : R) (Pp Pa Pt : X -> R).
Hypothesis volumes : 0 < k /\ 0 <= q /\ 0 <= l.
Hypothesis laws : is_law leaves Pp /\ is_law leaves Pa /\ is_law leaves Pt.
Hypothesis structure : forall x, q * Pa x <= Pp x.
Notation roles := [(k, Pp); (1, Pa)].
Notation T := (k + 1 + l).

Theorem slope_bound : exists slope, is_derive (rate leaves roles Pt Pa) l slope /\
  - (1 / (q * k + 1) - 1 / T) <= slope <= 1 / T.
Proof.
  destruct volumes as [Hk [Hq Hl]]. destruct laws as [lp [la lt]].
  pose proof (roles_are_datasets leaves k Pp Pa Pt Hk laws) as D.
  assert (Hw : within Pa (joint roles Pt l)).
  { apply (dataset_within leaves roles Pt D lt (1, Pa)); simpl; auto. }
  assert (HT : total roles l = T) by (unfold total; simpl; ring).
  exists (- G leaves roles Pt l Pa Pt / total roles l). split; [now apply elastic_response|]. rewrite HT.
  set (S := Σ(x ∈ leaves) Pa x * Pt x / joint roles Pt l x).
  assert (low : 0 <= S).
  { apply sum_nonneg. intros x _. destruct (Rle_lt_or_eq_dec 0 (Pa x) (proj1 la x)) as [pos|<-];
      [|unfold Rdiv; lra].
    apply Rmult_le_pos; [apply Rmult_le_pos; [lra|apply lt]|left; apply Rinv_0_lt_compat, Hw, pos]. }
  assert (share : 0 < q * k + 1) by nra.
  assert (high : S <= T / (q * k + 1)).
  { replace (T / (q * k + 1)) with (Σ(x ∈ leaves) T / (q * k + 1) * Pt x)
      by (rewrite sum_scale, (proj2 lt); ring).
    apply sum_le. intros x _. pose proof (proj1 lt x) as tx.
    assert (factor : 0 <= T / (q * k + 1)).
    { apply Rmult_le_pos; [lra|]. left. now apply Rinv_0_lt_compat. }
    destruct (Rle_lt_or_eq_dec 0 (Pa x) (proj1 la x)) as [pos|<-]; [|unfold Rdiv at 1; nra].
    specialize (Hw x pos). apply Rmult_le_reg_r with (joint roles Pt l x); [assumption|].
    replace (Pa x * Pt x / joint roles Pt l x * joint roles Pt l x) with (Pa x * Pt x) by (field; lra).
    assert (J : T * joint roles Pt l x = k * Pp x + Pa x + l * Pt x).
    { unfold joint. rewrite HT. unfold weight. simpl. field. lra. }
    replace (T / (q * k + 1) * Pt x * joint roles Pt l x)
      with (Pt x * (T * joint roles Pt l x / (q * k + 1))) by (field; lra).
    rewrite Rmult_comm. apply Rmult_le_compat_l; [exact tx|]. rewrite J.
    apply Rmult_le_reg_r with (q * k + 1); [exact share|].
    replace ((k * Pp x + Pa x + l * Pt x) / (q * k + 1) * (q * k + 1))
      with (k * Pp x + Pa x + l * Pt x) by (field; lra).
    specialize (structure x). nra. }
  assert (0 < / T) by (apply Rinv_0_lt_compat; lra).
  replace (- G leaves roles Pt l Pa Pt / T) with (1 / T - S / T) by (unfold G; fold S; field; lra).
  assert (0 <= S / T) by (apply Rmult_le_pos; lra).
  assert (S / T <= 1 / (q * k + 1)); [|lra].
  replace (1 / (q * k + 1)) with (T / (q * k + 1) / T) by (field; lra).
  apply Rmult_le_compat_r; lra.
Qed.
End Slope.
