(** Conservation without entropy: any model that minimises, and any proper scoring rule. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture.
Import ListNotations.
Open Scope R_scope.

(** A smooth function has slope 0 where it is least among its neighbours. *)
Lemma flat_at_minimum (f : R -> R) l e d : 0 < e -> is_derive f l d ->
  (forall m, l - e < m < l + e -> f l <= f m) -> d = 0.
Proof.
  intros He Hd least. apply is_derive_Reals in Hd.
  pose (pr := exist _ d Hd : derivable_pt f l).
  pose proof (deriv_minimum f (l - e) (l + e) l pr ltac:(lra) ltac:(lra)) as E.
  rewrite <- E; [reflexivity|]. intros x H H'. apply least. lra.
Qed.

(** A path of models, each of them best on the datasets' volumes at l: their slopes sum to 0. *)
Theorem conservation_minimisers {Model D} (data : list D) (n : D -> R) (loss : D -> Model -> R)
    (own : Model -> R)    (path : R -> Model) (l e : R) (slope : D -> R) (slope_own : R) :
  0 < e ->
  (forall m, l - e < m < l + e ->
    Σ(i ∈ data) n i * loss i (path l) + l * own (path l) <= Σ(i ∈ data) n i * loss i (path m) + l * own (path m)) ->
  (forall i, In i data -> is_derive (fun m => loss i (path m)) l (slope i)) ->
  is_derive (fun m => own (path m)) l slope_own ->
  Σ(i ∈ data) n i * slope i + l * slope_own = 0.
Proof.
  intros He best slopes at_own.
  apply (flat_at_minimum (fun m => Σ(i ∈ data) n i * loss i (path m) + l * own (path m)) l e); trivial.
  apply (is_derive_plus (fun m => Σ(i ∈ data) n i * loss i (path m)) (fun m => l * own (path m))).
  - apply (is_derive_sum data (fun i m => n i * loss i (path m)) (fun i => n i * slope i)).
    intros i Hi. apply (is_derive_scal (fun m => loss i (path m))). auto.
  - now apply (is_derive_scal (fun m => own (path m))).
Qed.

Section Scoring.
Context {X : Type} (leaves : list X).
(** The loss of a forecast Q at an outcome; its mean under P is least where Q is P. *)
Context (loss : (X -> R) -> X -> R).
Definition expected P Q := Σ(x ∈ leaves) P x * loss Q x.
Definition proper := forall P Q, is_law leaves P -> is_law leaves Q -> expected P P <= expected P Q.
Hypothesis is_proper : proper.

Context (data : list (@dataset X)) (t : X -> R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Notation P l := (joint data t l).

Lemma joint_is_best l m : 0 <= l -> 0 <= m ->
  Σ(i ∈ data) volume i * expected (law i) (P l) + l * expected t (P l)
  <= Σ(i ∈ data) volume i * expected (law i) (P m) + l * expected t (P m).
Proof.
  intros Hl Hm. unfold expected.
  rewrite (over_datasets leaves data t datasets l (fun x => loss (P l) x) Hl).
  rewrite (over_datasets leaves data t datasets l (fun x => loss (P m) x) Hl).
  apply Rmult_le_compat_l; [left; now apply (total_pos leaves data datasets)|].
  apply is_proper; now apply joint_is_law.
Qed.

(** At any finite l: the others lose together, and the perturbation pays for it. *)
Theorem scoring_finite l : 0 <= l ->
  0 <= Σ(i ∈ data) volume i * (expected (law i) (P l) - expected (law i) (P 0))
    <= - l * (expected t (P l) - expected t (P 0)).
Proof.
  intros Hl. pose proof (joint_is_best 0 l (Rle_refl 0) Hl). pose proof (joint_is_best l 0 Hl (Rle_refl 0)).
  rewrite (sum_ext data _ (fun i => volume i * expected (law i) (P l) + -1 * (volume i * expected (law i) (P 0))))
    by (intros; ring).
  rewrite sum_add, sum_scale. lra.
Qed.

Theorem scoring_conservation l (slope : @dataset X -> R) slope_own : 0 < l ->
  (forall i, In i data -> is_derive (fun m => expected (law i) (P m)) l (slope i)) ->
  is_derive (fun m => expected t (P m)) l slope_own ->
  Σ(i ∈ data) volume i * slope i + l * slope_own = 0.
Proof.
  intros Hl slopes own.
  apply (conservation_minimisers data volume (fun i Q => expected (law i) Q) (expected t) (fun m => P m) l l); trivial.
  intros m Hm. apply joint_is_best; lra.
Qed.
End Scoring.

(** Brier's rule, up to a constant, is proper. *)
Definition brier {X} (leaves : list X) (Q : X -> R) (x : X) := Σ(y ∈ leaves) Q y ^ 2 + -2 * Q x.

Theorem brier_is_proper {X} (leaves : list X) : proper leaves (brier leaves).
Proof.
  intros P Q [_ one] _. unfold expected, brier.
  assert (E : forall Z, Σ(x ∈ leaves) P x * (Σ(y ∈ leaves) Z y ^ 2 + -2 * Z x)
            = Σ(x ∈ leaves) ((Z x - P x) ^ 2 + -1 * P x ^ 2)).
  { intros Z. rewrite (sum_ext _ _ (fun x => (Σ(y ∈ leaves) Z y ^ 2) * P x + -2 * (P x * Z x))) by (intros; ring).
    rewrite sum_add, !sum_scale, one.
    rewrite (sum_ext leaves (fun x => (Z x - P x) ^ 2 + -1 * P x ^ 2) (fun x => Z x ^ 2 + -2 * (P x * Z x)))
      by (intros; ring).
    rewrite sum_add, sum_scale. ring. }
  rewrite !E. apply sum_le. intros x _. pose proof (pow2_ge_0 (Q x - P x)). nra.
Qed.
