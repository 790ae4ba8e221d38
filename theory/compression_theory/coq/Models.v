(** Any model: a stationary point, a switch of the code, a penalty, an average over exchangeable worlds. *)
From Coq Require Import Reals List Lra Psatz.
From Elastic Require Import Sums.
Open Scope R_scope.

(** Conservation at a stationary point: slopes dL_i/dl = sum over j of g_i,j v_j; a regulariser breaks it. *)
Theorem conservation_stationary {D J} (data : list D) (parameters : list J)
    (n : D -> R) (g : D -> J -> R) (r v : J -> R) :
  (forall j, Σ(i ∈ data) n i * g i j = - r j) ->
  Σ(i ∈ data) n i * (Σ(j ∈ parameters) g i j * v j) = - Σ(j ∈ parameters) r j * v j.
Proof.
  intros stationary.
  rewrite (sum_ext data _ (fun i => Σ(j ∈ parameters) v j * (n i * g i j)))
    by (intros; rewrite <- sum_scale; apply sum_ext; intros; ring).
  rewrite sum_swap.
  rewrite (sum_ext parameters _ (fun j => -1 * (r j * v j)))
    by (intros; rewrite sum_scale, stationary; ring).
  rewrite sum_scale. ring.
Qed.

(** Two codes whose lengths on the weights at l' are linear in l': one is best before l, one after. *)
Theorem switch a b l e :
  0 < e ->
  (forall l', l - e < l' < l -> a + b * l' <= 0) -> (forall l', l < l' < l + e -> 0 <= a + b * l') ->
  a + b * l = 0 /\ 0 <= b.
Proof.
  intros He before after.
  assert (slope : 0 <= b).
  { specialize (before (l - e / 2) ltac:(lra)). specialize (after (l + e / 2) ltac:(lra)). nra. }
  split; [|exact slope].
  destruct (Rtotal_order (a + b * l) 0) as [neg|[z|pos]]; [exfalso| exact z |exfalso].
  - pose (s := Rmin (e / 2) (- (a + b * l) / (2 * (b + 1)))).
    assert (0 < - (a + b * l) / (2 * (b + 1))) by (apply Rdiv_lt_0_compat; lra).
    assert (0 < s) by (unfold s; apply Rmin_glb_lt; lra).
    assert (s <= e / 2) by apply Rmin_l.
    assert (s <= - (a + b * l) / (2 * (b + 1))) by apply Rmin_r.
    assert (s * (2 * (b + 1)) <= - (a + b * l)).
    { apply Rmult_le_compat_r with (r := 2 * (b + 1)) in H2; [|lra]. field_simplify in H2; lra. }
    specialize (after (l + s) ltac:(lra)). nra.
  - pose (s := Rmin (e / 2) ((a + b * l) / (2 * (b + 1)))).
    assert (0 < (a + b * l) / (2 * (b + 1))) by (apply Rdiv_lt_0_compat; lra).
    assert (0 < s) by (unfold s; apply Rmin_glb_lt; lra).
    assert (s <= e / 2) by apply Rmin_l.
    assert (s <= (a + b * l) / (2 * (b + 1))) by apply Rmin_r.
    assert (s * (2 * (b + 1)) <= a + b * l).
    { apply Rmult_le_compat_r with (r := 2 * (b + 1)) in H2; [|lra]. field_simplify in H2; lra. }
    specialize (before (l - s) ltac:(lra)). nra.
Qed.

(** sign-equal-cardinality: expectation over finitely many worlds of equal or unequal weight. *)
Theorem sign_equal_cardinality {World} (worlds : list World) (prob : World -> R) (k : R)
    (G21 G22 G23 : World -> R) :
  0 < k -> (forall w, 0 <= prob w) -> (forall w, 0 <= G22 w) ->
  (forall w, k / 3 * G21 w + (k / 3 + 1) * G22 w + k / 3 * G23 w = 0) ->  (* row sum of G at l = 0 *)
  Σ(w ∈ worlds) prob w * G21 w = Σ(w ∈ worlds) prob w * G23 w ->          (* exchangeable D_1, D_3 *)
  let E f := Σ(w ∈ worlds) prob w * f w in
  E G23 = - (1 / 2) * (1 + 3 / k) * E G22 /\ E G23 <= 0.
Proof.
  intros Hk pos psd rows exchange E. simpl.
  assert (total : k / 3 * E G21 + (k / 3 + 1) * E G22 + k / 3 * E G23 = 0).
  { unfold E. rewrite <- !sum_scale, <- !sum_add. rewrite <- (sum_zero worlds). apply sum_ext.
    intros w _. specialize (rows w). apply Rmult_eq_compat_l with (r := prob w) in rows.
    rewrite Rmult_0_r in rows. rewrite <- rows. ring. }
  assert (same : E G21 = E G23) by exact exchange. rewrite same in total.
  assert (equal : E G23 = - (1 / 2) * (1 + 3 / k) * E G22).
  { apply Rmult_eq_reg_l with (2 * (k / 3)); [|lra].
    replace (2 * (k / 3) * (- (1 / 2) * (1 + 3 / k) * E G22)) with (- (k / 3 + 1) * E G22) by (field; lra). lra. }
  assert (0 <= E G22) by (apply sum_nonneg; intros w _; specialize (pos w); specialize (psd w); nra).
  split; [exact equal|]. rewrite equal. assert (0 < 3 / k) by (apply Rdiv_lt_0_compat; lra). nra.
Qed.
