(** Benign data: replay, data unlike both, a part of each, more of the same. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Revealed Mixture Ratio Finite Inner.
Import ListNotations.
Open Scope R_scope.

(** Any model class of global minimisers. *)
Section Models.
Context {Model : Type} (Lp La : Model -> R) (k l : R) (before after : Model).
Hypothesis volumes : 0 < k /\ 0 < l.
Hypothesis best_before : minimises (fun m => k * Lp m + La m) before.
Notation moved := (Revealed.change before after).

Theorem replay : minimises (fun m => k * Lp m + La m + l * Lp m) after ->
  moved Lp <= 0 <= moved La /\ (moved Lp < 0 -> k <= - moved La / moved Lp <= k + l).
Proof.
  intros best_after.
  destruct (revealed_preference Lp La Lp k l before after best_after best_before) as [low high].
  set (p := moved Lp) in *. set (a := moved La) in *.
  assert (p <= 0) by nra. split; [nra|]. intros fall.
  replace (- a / p) with (a / - p) by (field; lra).
  split; apply Rmult_le_reg_r with (- p); try lra; field_simplify; lra.
Qed.

Theorem more_of_the_same : minimises (fun m => k * Lp m + La m + l * La m) after ->
  moved La <= 0 <= moved Lp /\ (0 < moved Lp -> k / (1 + l) <= - moved La / moved Lp <= k).
Proof.
  intros best_after.
  destruct (revealed_preference Lp La La k l before after best_after best_before) as [low high].
  set (p := moved Lp) in *. set (a := moved La) in *.
  assert (a <= 0) by nra. split; [nra|]. intros rise.
  split; apply Rmult_le_reg_r with p; try lra; replace (- a / p * p) with (- a) by (field; lra); [|lra].
  apply Rmult_le_reg_r with (1 + l); [lra|]. replace (k / (1 + l) * p * (1 + l)) with (k * p) by (field; lra).
  lra.
Qed.
End Models.

(** The saturated model. *)
Section Saturated.
Context {X : Type} (leaves : list X) (k : R) (Pp Pa : X -> R).
Hypothesis k_pos : 0 < k.
Hypothesis laws : is_law leaves Pp /\ is_law leaves Pa.
Notation roles := [(k, Pp); (1, Pa)].

Lemma base_roles : roles <> [] /\ forall i, In i roles -> 0 < volume i /\ is_law leaves (law i).
Proof. split; [discriminate|]. intros i [<-|[<-|[]]]; simpl; intuition lra. Qed.

Lemma pretraining_within t : is_law leaves t -> within Pp (joint roles t 0).
Proof.
  intros Ht. apply (dataset_within leaves roles t base_roles Ht (k, Pp)); simpl; auto; lra.
Qed.

Lemma alignment_within t : is_law leaves t -> within Pa (joint roles t 0).
Proof.
  intros Ht. apply (dataset_within leaves roles t base_roles Ht (1, Pa)); simpl; auto; lra.
Qed.

Notation G q r := (G leaves roles Pp 0 q r).

Theorem replay_saturated : G Pa Pp = - k * G Pp Pp /\ G Pa Pp <= 0 /\
  (G Pa Pp = 0 -> forall x, In x leaves -> Pp x = Pa x).
Proof.
  destruct laws as [lp la]. pose proof (pretraining_within Pp lp) as Hw.
  pose proof (roles_balance leaves k Pp Pa Pp k_pos (conj lp (conj la lp)) 0 (Rle_refl 0) Hw) as B.
  pose proof (inner_nonneg leaves roles Pp 0 base_roles lp (Rle_refl 0) Pp lp Hw).
  split; [lra|]. split; [nra|]. intros zero x Hx.
  assert (own : G Pp Pp = 0) by nra.
  pose proof (inner_zero leaves roles Pp 0 base_roles lp (Rle_refl 0) Pp lp Hw own x Hx) as E.
  unfold joint, weight, total in E. simpl in E.
  assert (T0 : k + (1 + 0) + 0 <> 0) by lra. apply (Rmult_eq_compat_r (k + (1 + 0) + 0)) in E.
  field_simplify in E; lra.
Qed.

(** Data unlike a dataset: its rate rises by log(1 + l/T_0), whatever else it is. *)
Theorem unlike t l q : is_law leaves t -> is_law leaves q -> 0 < l -> within q (joint roles t 0) ->
  (forall x, 0 < q x -> t x = 0) -> change leaves roles t l q = ln (1 + l / (k + 1)).
Proof.
  intros Ht [pos one] Hl Hw apart. rewrite change_sum.
  replace (ln (1 + l / (k + 1))) with (Σ(x ∈ leaves) ln (1 + l / (k + 1)) * q x) by (rewrite sum_scale, one; ring).
  apply sum_ext. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-]; [|ring].
  pose proof (Hw x qx) as H0.
  pose proof (later leaves roles t l base_roles Ht Hl q Hw x qx) as H1.
  rewrite <- ln_div by assumption. rewrite Rmult_comm. f_equal. f_equal.
  revert H0 H1. unfold joint, weight, total. simpl. rewrite (apart x qx). intros H0 H1.
  assert (0 < k * Pp x + (1 * Pa x + 0) + 0 * 0).
  { apply Rmult_lt_reg_r with (/ (k + (1 + 0) + 0)); [apply Rinv_0_lt_compat; lra|]. rewrite Rmult_0_l. exact H0. }
  field. repeat split; lra.
Qed.

(** A share c of replay, the rest unlike both. *)
Theorem partly_replay t u c : is_law leaves t ->
  (forall x, t x = c * Pp x + (1 - c) * u x) -> (forall x, 0 < joint roles t 0 x -> u x = 0) ->
  is_derive (rate leaves roles t Pa) 0 ((1 + c * k * G Pp Pp - c) / (k + 1)) /\
  is_derive (rate leaves roles t Pp) 0 ((1 - c * G Pp Pp - c) / (k + 1)).
Proof.
  intros Ht mix apart. destruct laws as [lp la].
  assert (same : forall x, joint roles t 0 x = joint roles Pp 0 x)
    by (intros; unfold joint, weight, total; simpl; rewrite !Rmult_0_l; reflexivity).
  assert (inner : forall q, is_law leaves q -> within q (joint roles t 0) ->
            Mixture.G leaves roles t 0 q t = c * (G q Pp + 1) - 1).
  { intros q [pos _] Hw. unfold Mixture.G.
    replace (c * (Σ(x ∈ leaves) q x * Pp x / joint roles Pp 0 x - 1 + 1))
      with (Σ(x ∈ leaves) c * (q x * Pp x / joint roles Pp 0 x)) by (rewrite sum_scale; ring).
    f_equal. apply sum_ext. intros x _. rewrite <- same.
    destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-]; [|unfold Rdiv; ring].
    rewrite (mix x), (apart x (Hw x qx)). unfold Rdiv. ring. }
  destruct replay_saturated as [E _].
  pose proof (alignment_within t Ht) as wa. pose proof (pretraining_within t Ht) as wp.
  pose proof (elastic_response leaves roles t base_roles Pa 0 (Rle_refl 0) la wa) as da.
  pose proof (elastic_response leaves roles t base_roles Pp 0 (Rle_refl 0) lp wp) as dp.
  rewrite inner in da, dp by assumption.
  assert (T0 : total roles 0 = k + 1) by (unfold total; simpl; ring). rewrite T0 in da, dp. split.
  - replace ((1 + c * k * G Pp Pp - c) / (k + 1)) with (- (c * (G Pa Pp + 1) - 1) / (k + 1))
      by (rewrite E; field; lra). exact da.
  - replace ((1 - c * G Pp Pp - c) / (k + 1)) with (- (c * (G Pp Pp + 1) - 1) / (k + 1)) by (field; lra).
    exact dp.
Qed.
End Saturated.
