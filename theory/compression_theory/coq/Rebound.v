(** Rebound in a mixture: a linear score's curves, where they return, when they cross. *)
From Coq Require Import Reals List Lra Psatz.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.

(** The score of the mixture of volumes k, n, m of three datasets with scores p, a, t. *)
Definition score k p a t n m := (k * p + n * a + m * t) / (k + n + m).

Section Rebound.
Context (k p a t : R).
Hypothesis k_pos : 0 < k.

Theorem score_is_linear {X} (leaves : list X) (f Pp Pa Pt : X -> R) n m : 0 <= n -> 0 <= m ->
  let mean q := Σ(x ∈ leaves) f x * q x in
  mean (joint [(k, Pp); (n, Pa)] Pt m) = score k (mean Pp) (mean Pa) (mean Pt) n m.
Proof.
  intros Hn Hm mean. unfold score, mean, joint, weight, total. simpl.
  rewrite (sum_ext _ _ (fun x => / (k + n + m) * (k * (f x * Pp x) + n * (f x * Pa x) + m * (f x * Pt x))))
    by (intros; field; lra).
  rewrite sum_scale, !sum_add, !sum_scale. field. lra.
Qed.

(** More alignment is better at every volume of the perturbation. *)
Theorem no_crossing n n' m : p < a -> t < a -> 0 <= n -> n < n' -> 0 <= m ->
  score k p a t n m < score k p a t n' m.
Proof.
  intros pa ta Hn more Hm. unfold score.
  apply Rmult_lt_reg_r with ((k + n + m) * (k + n' + m)); [apply Rmult_lt_0_compat; lra|].
  replace ((k * p + n * a + m * t) / (k + n + m) * ((k + n + m) * (k + n' + m)))
    with ((k * p + n * a + m * t) * (k + n' + m)) by (field; lra).
  replace ((k * p + n' * a + m * t) / (k + n' + m) * ((k + n + m) * (k + n' + m)))
    with ((k * p + n' * a + m * t) * (k + n + m)) by (field; lra).
  assert (0 < k * (a - p)) by (apply Rmult_lt_0_compat; lra).
  assert (0 <= m * (a - t)) by (apply Rmult_le_pos; lra).
  assert (0 < (n' - n) * (k * (a - p) + m * (a - t))) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** The order of the scores is needed: with a perturbation above the alignment all curves cross. *)
Theorem crossing n n' : 0 <= n -> n < n' ->
  score 1 (-1) 0 2 n 0 < score 1 (-1) 0 2 n' 0 /\ score 1 (-1) 0 2 n' 1 < score 1 (-1) 0 2 n 1.
Proof.
  intros Hn more. unfold score.
  assert (/ (1 + n') < / (1 + n)) by (apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra).
  assert (/ (2 + n') < / (2 + n)) by (apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra).
  replace ((1 * -1 + n * 0 + 0 * 2) / (1 + n + 0)) with (- / (1 + n)) by (field; lra).
  replace ((1 * -1 + n' * 0 + 0 * 2) / (1 + n' + 0)) with (- / (1 + n')) by (field; lra).
  replace ((1 * -1 + n * 0 + 1 * 2) / (1 + n + 1)) with (/ (2 + n)) by (field; lra).
  replace ((1 * -1 + n' * 0 + 1 * 2) / (1 + n' + 1)) with (/ (2 + n')) by (field; lra). lra.
Qed.

(** The base score is back at one volume, in proportion to the alignment's and free of k. *)
Theorem return_volume n m : t < p -> p < a -> 0 <= n -> 0 <= m ->
  score k p a t n m = p <-> m = n * ((a - p) / (p - t)).
Proof.
  intros tp pa Hn Hm. unfold score. split; intros E.
  - apply Rmult_eq_reg_r with (p - t); [|lra]. replace (n * ((a - p) / (p - t)) * (p - t)) with (n * (a - p))
      by (field; lra).
    apply (Rmult_eq_compat_r (k + n + m)) in E. unfold Rdiv in E. rewrite Rmult_assoc, Rinv_l in E by lra. lra.
  - apply Rmult_eq_reg_r with (k + n + m); [|lra]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    assert (m * (p - t) = n * (a - p)) by (rewrite E; field; lra). lra.
Qed.

(** The curve is convex in the perturbation's volume where it starts above the perturbation's own score. *)
Theorem score_convex n w x y : 0 <= n -> 0 <= w <= 1 -> 0 <= x -> 0 <= y -> t < score k p a t n 0 ->
  score k p a t n (w * x + (1 - w) * y) <= w * score k p a t n x + (1 - w) * score k p a t n y.
Proof.
  intros Hn Hw Hx Hy above.
  assert (form : forall m, 0 <= m -> score k p a t n m = t + (k * (p - t) + n * (a - t)) * / (k + n + m))
    by (intros; unfold score; field; lra).
  rewrite !form in * by nra.
  assert (start : 0 < k * (p - t) + n * (a - t)).
  { assert (I : 0 < / (k + n + 0)) by (apply Rinv_0_lt_compat; lra).
    apply Rmult_lt_reg_r with (/ (k + n + 0)); [exact I|]. lra. }
  set (c := k * (p - t) + n * (a - t)) in *. set (s := k + n) in *.
  enough (/ (s + (w * x + (1 - w) * y)) <= w * / (s + x) + (1 - w) * / (s + y)) by nra.
  assert (0 < s) by (unfold s; lra). assert (0 < s + (w * x + (1 - w) * y)) by nra.
  enough (0 <= w * / (s + x) + (1 - w) * / (s + y) - / (s + (w * x + (1 - w) * y))) by lra.
  replace (w * / (s + x) + (1 - w) * / (s + y) - / (s + (w * x + (1 - w) * y)))
    with (w * (1 - w) * (x - y) ^ 2 / ((s + x) * (s + y) * (s + (w * x + (1 - w) * y)))) by (field; lra).
  apply Rmult_le_pos.
  - apply Rmult_le_pos; [nra|apply pow2_ge_0].
  - left. apply Rinv_0_lt_compat. repeat apply Rmult_lt_0_compat; lra.
Qed.
End Rebound.
