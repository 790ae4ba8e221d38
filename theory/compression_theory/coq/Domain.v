(** Where the signs hold: rates are convex in mu = l/T, least where their slope is 0. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture Ratio Finite.
Import ListNotations.
Open Scope R_scope.

Lemma ln_concave w a b : 0 <= w <= 1 -> 0 < a -> 0 < b ->
  w * ln a + (1 - w) * ln b <= ln (w * a + (1 - w) * b).
Proof.
  intros Hw Ha Hb. set (m := w * a + (1 - w) * b).
  assert (Hm : 0 < m) by (unfold m; destruct (Rle_dec w (1 / 2)); nra).
  pose proof (ln_le_sub (a / m) (Rdiv_lt_0_compat _ _ Ha Hm)) as A.
  pose proof (ln_le_sub (b / m) (Rdiv_lt_0_compat _ _ Hb Hm)) as B.
  rewrite ln_div in A, B by assumption.
  assert (w * (a / m - 1) + (1 - w) * (b / m - 1) = 0) by (unfold m in *; field; lra).
  nra.
Qed.

Section Domain.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Notation P l := (joint data t l).
Notation T l := (total data l).
Notation gamma q l := (rate leaves data t q l).

(** The joint on its way to the perturbation, and a rate there; mu is the perturbation's share. *)
Definition on_way mu x := (1 - mu) * P 0 x + mu * t x.
Definition rate_on_way q mu := - Σ(x ∈ leaves) q x * ln (on_way mu x).

Lemma on_way_joint l x : 0 <= l -> on_way (l / T l) x = P l x.
Proof.
  intros Hl. pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as H0.
  pose proof (total_pos leaves data datasets l Hl) as H1.
  unfold on_way, joint, weight. replace (T l) with (T 0 + l) in * by (unfold total; ring). field. lra.
Qed.

Theorem rate_by_share q l : 0 <= l -> gamma q l = rate_on_way q (l / T l).
Proof.
  intros Hl. unfold rate, rate_on_way. f_equal. apply sum_ext. intros x _. now rewrite on_way_joint.
Qed.

Lemma on_way_pos q mu x : within q (P 0) -> 0 <= mu < 1 -> 0 < q x -> 0 < on_way mu x.
Proof.
  intros Hw Hmu Hx. specialize (Hw x Hx). pose proof (proj1 perturbation x). unfold on_way. nra.
Qed.

Theorem convex q w mu nu : is_law leaves q -> within q (P 0) ->
  0 <= w <= 1 -> 0 <= mu < 1 -> 0 <= nu < 1 ->
  rate_on_way q (w * mu + (1 - w) * nu) <= w * rate_on_way q mu + (1 - w) * rate_on_way q nu.
Proof.
  intros [pos _] Hs Hw Hmu Hnu. unfold rate_on_way.
  enough (w * (Σ(x ∈ leaves) q x * ln (on_way mu x)) + (1 - w) * (Σ(x ∈ leaves) q x * ln (on_way nu x))
    <= Σ(x ∈ leaves) q x * ln (on_way (w * mu + (1 - w) * nu) x)) by lra.
  rewrite <- !sum_scale, <- sum_add. apply sum_le. intros x _.
  destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-]; [|lra].
  pose proof (ln_concave w _ _ Hw (on_way_pos q mu x Hs Hmu qx) (on_way_pos q nu x Hs Hnu qx)) as E.
  replace (w * on_way mu x + (1 - w) * on_way nu x) with (on_way (w * mu + (1 - w) * nu) x) in E
    by (unfold on_way; ring).
  nra.
Qed.

(** Where the slope is 0 the rate is least among all volumes. *)
Theorem least_at_critical q c l : is_law leaves q -> within q (P 0) -> 0 <= c -> 0 <= l ->
  G leaves data t c q t = 0 -> gamma q c <= gamma q l.
Proof.
  intros [pos one] Hs Hc Hl critical.
  assert (positive : forall m x, 0 <= m -> 0 < q x -> 0 < P m x).
  { intros m x Hm Hx. rewrite <- (on_way_joint m x Hm). apply (on_way_pos q); trivial.
    pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as H0.
    pose proof (total_pos leaves data datasets m Hm) as H1.
    assert (1 - m / T m = T 0 / T m) by (unfold total in *; field; lra).
    pose proof (Rdiv_lt_0_compat _ _ H0 H1).
    assert (0 <= m / T m) by (apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]). lra. }
  pose proof (total_pos leaves data datasets c Hc) as HTc.
  pose proof (total_pos leaves data datasets l Hl) as HTl.
  unfold rate. enough (Σ(x ∈ leaves) q x * ln (P l x) <= Σ(x ∈ leaves) q x * ln (P c x)) by lra.
  apply Rle_trans with (Σ(x ∈ leaves) (q x * ln (P c x)
      + ((l - c) / T l * (q x * t x / P c x) + - ((l - c) / T l) * q x))).
  - apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-]; [|unfold Rdiv; lra].
    pose proof (positive l x Hl qx) as A. pose proof (positive c x Hc qx) as B.
    pose proof (ln_le_sub (P l x / P c x) (Rdiv_lt_0_compat _ _ A B)) as E.
    rewrite ln_div in E by assumption.
    assert (quotient : P l x / P c x - 1 = (l - c) / T l * (t x / P c x - 1)).
    { replace (P l x) with ((T c * P c x + (l - c) * t x) / T l) by (unfold joint, weight; field; lra).
      replace (T c) with (T l - l + c) by (unfold total; ring). field. lra. }
    rewrite quotient in E. apply Rmult_le_compat_l with (r := q x) in E; [|lra].
    replace ((l - c) / T l * (q x * t x / P c x) + - ((l - c) / T l) * q x)
      with (q x * ((l - c) / T l * (t x / P c x - 1))) by (unfold Rdiv; ring). lra.
  - rewrite !sum_add, !sum_scale, one. unfold G in critical.
    replace (Σ(x ∈ leaves) q x * t x / P c x) with 1 by lra. lra.
Qed.

Lemma share_monotone l m : 0 <= l -> l <= m -> l / T l <= m / T m < 1.
Proof.
  intros Hl Hm. pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as H0.
  pose proof (total_pos leaves data datasets l Hl) as HTl.
  pose proof (total_pos leaves data datasets m ltac:(lra)) as HTm.
  assert (E : forall v, 0 < T v -> v / T v = 1 - T 0 / T v) by (intros; unfold total in *; field; lra).
  rewrite !E by assumption. pose proof (Rdiv_lt_0_compat _ _ H0 HTm). split; [|lra].
  assert (/ T m <= / T l) by (apply Rinv_le_contravar; unfold total in *; lra). unfold Rdiv. nra.
Qed.

(** It does not rise before, and does not fall after. *)
Theorem falls_then_rises q c l m : is_law leaves q -> within q (P 0) -> 0 <= c ->
  G leaves data t c q t = 0 -> 0 <= l -> l <= m ->
  (m <= c -> gamma q m <= gamma q l) /\ (c <= l -> gamma q l <= gamma q m).
Proof.
  intros Hq Hs Hc critical Hl Hm.
  assert (between : forall x y z, 0 <= x -> x <= y -> y <= z ->
    exists w, 0 <= w <= 1 /\ gamma q y <= w * gamma q x + (1 - w) * gamma q z).
  { intros x y z Hx Hy Hz.
    destruct (share_monotone x y Hx Hy) as [xy y1]. destruct (share_monotone y z ltac:(lra) Hz) as [yz z1].
    assert (x0 : 0 <= x / T x).
    { apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat, (total_pos leaves data datasets x Hx)]. }
    rewrite (rate_by_share q x), (rate_by_share q y), (rate_by_share q z) by lra.
    set (u := x / T x) in *. set (v := y / T y) in *. set (s := z / T z) in *.
    destruct (Req_EM_T u s) as [eq|ne].
    - exists 1. split; [lra|]. replace v with u by lra. lra.
    - exists ((s - v) / (s - u)).
      assert (W : 0 <= (s - v) / (s - u) <= 1).
      { split; [apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]|].
        apply Rmult_le_reg_r with (s - u); [lra|]. field_simplify; lra. }
      split; [exact W|].
      replace v with ((s - v) / (s - u) * u + (1 - (s - v) / (s - u)) * s) at 1 by (field; lra).
      apply convex; trivial; lra. }
  pose proof (least_at_critical q c l Hq Hs Hc Hl critical) as at_l.
  pose proof (least_at_critical q c m Hq Hs Hc ltac:(lra) critical) as at_m.
  split; intros order.
  - destruct (between l m c Hl Hm order) as [w [Hw E]]. nra.
  - destruct (between c l m Hc order Hm) as [w [Hw E]]. nra.
Qed.
End Domain.

(** Two leaves: a, p, t are the masses of the first one; the critical volume is (a - p)/(p - t). *)
Section TwoLeaves.
Context (k p a t : R).
Definition coin (m : R) (x : bool) := if x then m else 1 - m.
Notation leaves := [true; false].
Notation roles := [(k, coin p); (1, coin a)].
Notation l := ((a - p) / (p - t)).

Lemma coin_is_law m : 0 <= m <= 1 -> is_law leaves (coin m).
Proof. intros H. split; [intros []; simpl; lra|simpl; lra]. Qed.

Theorem two_leaves : 0 < k -> 0 < p < 1 -> 0 <= a <= 1 -> 0 <= t <= 1 -> p <> t -> 0 <= l ->
  (forall x, joint roles (coin t) l x = coin p x) /\ G leaves roles (coin t) l (coin p) (coin t) = 0.
Proof.
  intros Hk Hp Ha Ht ne Hl.
  assert (own : forall x, joint roles (coin t) l x = coin p x).
  { assert (E : l * (p - t) = a - p) by (field; lra). set (v := l) in *.
    intros x. unfold joint, weight, total. simpl. apply Rmult_eq_reg_r with (k + (1 + 0) + v); [|lra].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. destruct x; simpl; nra. }
  split; [exact own|]. unfold G.
  rewrite (sum_ext _ _ (fun x => coin t x)); [simpl; lra|].
  intros x _. rewrite own. destruct x; simpl; field; lra.
Qed.
End TwoLeaves.
