(** finite-l: the printed Theta with explicit constants and range, at every finite volume l. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture Ratio Finite.
Import ListNotations.
Open Scope R_scope.

Lemma ln_quadratic m u : 0 <= m < 1 -> - m <= u -> - ln (1 + u) <= - u + u ^ 2 / (2 * (1 - m) ^ 2).
Proof.
  intros Hm Hu.
  pose (h v := v ^ 2 / (2 * (1 - m) ^ 2) - v + ln (1 + v)).
  pose (h' v := v * (/ (1 - m) ^ 2 - / (1 + v))).
  destruct (MVT_gen h 0 u h') as [c [Hc E]].
  - intros v Hv. assert (- m <= v) by (revert Hv; unfold Rmin; destruct (Rle_dec 0 u); lra).
    unfold h, h'. auto_derive; [lra|]. field. lra.
  - intros v Hv. assert (- m <= v) by (revert Hv; unfold Rmin; destruct (Rle_dec 0 u); lra).
    apply derivable_continuous_pt, ex_derive_Reals_0. unfold h. auto_derive. lra.
  - assert (cu : 0 <= c * u /\ - m <= c).
    { revert Hc. unfold Rmin, Rmax. destruct (Rle_dec 0 u); intros; split; nra. }
    assert (0 <= / (1 - m) ^ 2 - / (1 + c)).
    { assert (/ (1 + c) <= / (1 - m)) by (apply Rinv_le_contravar; lra).
      assert (/ (1 - m) <= / (1 - m) ^ 2) by (apply Rinv_le_contravar; nra). lra. }
    assert (h 0 = 0) by (unfold h; rewrite Rplus_0_r, ln_1; field; lra).
    assert (0 <= h u) by (unfold h' in E; nra). unfold h in *. lra.
Qed.

Section Parabola.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R) (l : R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Hypothesis l_pos : 0 < l.
Notation P l := (joint data t l).
Notation T l := (total data l).

Definition V q := Σ(x ∈ leaves) q x * (t x / P 0 x - 1) ^ 2.

Theorem parabola q : is_law leaves q -> within q (P 0) ->
  change leaves data t l q <= - (l / T l) * G leaves data t 0 q t + l ^ 2 * V q / (2 * T 0 ^ 2).
Proof.
  intros [pos one] Hw. rewrite change_sum. unfold V.
  pose proof (total_pos leaves data datasets 0 (Rle_refl 0)) as HT0.
  pose proof (total_pos leaves data datasets l (Rlt_le _ _ l_pos)) as HTl.
  replace (- (l / T l) * G leaves data t 0 q t + _) with
    (Σ(x ∈ leaves) (- (l / T l) * (q x * t x / P 0 x) + l / T l * q x
                    + l ^ 2 / (2 * T 0 ^ 2) * (q x * (t x / P 0 x - 1) ^ 2))).
  2: { rewrite !sum_add, !sum_scale, one. unfold Mixture.G. field. lra. }
  apply sum_le. intros x _. destruct (Rle_lt_or_eq_dec 0 (q x) (pos x)) as [qx|<-];
    [|unfold Rdiv; rewrite !Rmult_0_l, !Rmult_0_r; lra].
  pose proof (Hw x qx) as H0.
  pose proof (later leaves data t l datasets perturbation l_pos q Hw x qx) as H1.
  set (r := t x / P 0 x).
  assert (rpos : 0 <= r) by (apply Rmult_le_pos; [apply perturbation|left; now apply Rinv_0_lt_compat]).
  assert (share : T 0 / T l = 1 - l / T l) by (unfold total in *; field; lra).
  assert (mu : 0 <= l / T l < 1).
  { split; [apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]|].
    pose proof (Rdiv_lt_0_compat _ _ HT0 HTl). lra. }
  pose proof (ln_quadratic (l / T l) (l / T l * (r - 1)) mu ltac:(nra)) as E.
  rewrite <- share in E. unfold r in E.
  rewrite <- (quotient leaves data t l datasets l_pos), ln_div in E by assumption. fold r in E.
  replace ((l / T l * (r - 1)) ^ 2 / (2 * (T 0 / T l) ^ 2)) with (l ^ 2 / (2 * T 0 ^ 2) * (r - 1) ^ 2) in E
    by (field; lra).
  apply Rmult_le_compat_l with (r := q x) in E; [|lra].
  replace (q x * t x / P 0 x) with (q x * r) by (unfold r, Rdiv; ring). lra.
Qed.
End Parabola.

Section Theta.
Context {X : Type} (leaves : list X) (k l : R) (Pp Pa Pt : X -> R).
Hypothesis volumes : 0 < k /\ 0 < l.
Hypothesis laws : is_law leaves Pp /\ is_law leaves Pa /\ is_law leaves Pt.
Notation roles := [(k, Pp); (1, Pa)].
Notation P l := (joint roles Pt l).
Notation T l := (total roles l).
Hypothesis support : within Pt (P 0).
Notation Delta q := (change leaves roles Pt l q).
Notation V q := (V leaves roles Pt q).

Theorem theta :
  let g := - G leaves roles Pt 0 Pa Pt in
  let x := k * l * T l * V Pp / (2 * T 0 ^ 2 * g) in
  0 < g -> x < 1 ->
  Delta Pp < 0 /\ k <= - Delta Pa / Delta Pp <= k * (1 + l * T l * V Pa / (2 * T 0 ^ 2 * g)) / (1 - x).
Proof.
  intros g x Hg Hx. destruct volumes as [Hk Hl].
  pose proof (roles_are_datasets leaves k Pp Pa Pt Hk laws) as D.
  destruct laws as [lp [la lt]].
  pose proof (total_pos leaves roles D 0 (Rle_refl 0)) as HT0.
  pose proof (total_pos leaves roles D l (Rlt_le _ _ Hl)) as HTl.
  assert (wp : within Pp (P 0)) by (apply (dataset_within leaves roles Pt D lt (k, Pp)); simpl; auto; lra).
  assert (wa : within Pa (P 0)) by (apply (dataset_within leaves roles Pt D lt (1, Pa)); simpl; auto; lra).
  pose proof (roles_balance leaves k Pp Pa Pt Hk laws 0 (Rle_refl 0) support) as B. rewrite Rmult_0_l in B.
  pose proof (change_nonneg leaves roles Pt l D lt Hl) as C. cbn [sum volume law fst snd] in C.
  pose proof (parabola leaves roles Pt l D lt Hl Pp lp wp) as up.
  pose proof (parabola leaves roles Pt l D lt Hl Pa la wa) as ua.
  replace (G leaves roles Pt 0 Pp Pt) with (g / k) in up by (unfold g in *; field_simplify_eq; lra).
  replace (G leaves roles Pt 0 Pa Pt) with (- g) in ua by (unfold g; ring).
  set (dp := Delta Pp) in *. set (da := Delta Pa) in *.
  assert (up' : dp <= - (l / T l * (g / k) * (1 - x))).
  { apply Rle_trans with (1 := up), Req_le. unfold x. field. lra. }
  assert (0 < l / T l) by (now apply Rdiv_lt_0_compat).
  assert (0 < g / k) by (now apply Rdiv_lt_0_compat).
  assert (small : 0 < l / T l * (g / k) * (1 - x)) by (apply Rmult_lt_0_compat; [now apply Rmult_lt_0_compat|lra]).
  assert (Hdp : dp < 0) by lra.
  set (y := l * T l * V Pa / (2 * T 0 ^ 2 * g)).
  assert (ua' : da <= l / T l * (g / k) * (1 - x) * (k * (1 + y) / (1 - x))).
  { apply Rle_trans with (1 := ua), Req_le. unfold y. field. lra. }
  assert (dpa : 0 < da) by nra.
  replace (- da / dp) with (da / - dp) by (field; lra).
  split; [exact Hdp|]. split; apply Rmult_le_reg_r with (- dp); try lra;
    replace (da / - dp * - dp) with da by (field; lra).
  - lra.
  - apply Rle_trans with (1 := ua'). rewrite (Rmult_comm _ (- dp)).
    apply Rmult_le_compat_r; [|lra].
    apply Rmult_le_reg_l with (l / T l * (g / k) * (1 - x)); [exact small|]. rewrite Rmult_0_r. lra.
Qed.
End Theta.
