(** The saturated model: it is the joint of its datasets, a perturbation t of volume l among them. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums.
Open Scope R_scope.

Lemma ln_le_sub y : 0 < y -> ln y <= y - 1.
Proof. intros H. pose proof (exp_ineq1_le (ln y)) as E. rewrite exp_ln in E; lra. Qed.

Section Mixture.
Context {X : Type} (leaves : list X).

Definition is_law (q : X -> R) := (forall x, 0 <= q x) /\ Σ(x ∈ leaves) q x = 1.
(** q has no mass where r has none. *)
Definition within (q r : X -> R) := forall x, 0 < q x -> 0 < r x.

Definition dataset := (R * (X -> R))%type.
Definition volume (i : dataset) := fst i.
Definition law (i : dataset) := snd i.

Context (data : list dataset) (t : X -> R).
Hypothesis datasets : data <> nil /\ forall i, In i data -> 0 < volume i /\ is_law (law i).
Hypothesis perturbation : is_law t.

Definition total l := Σ(i ∈ data) volume i + l.
Definition weight l x := Σ(i ∈ data) volume i * law i x + l * t x.
Definition joint l x := weight l x / total l.
Definition rate q l := - Σ(x ∈ leaves) q x * ln (joint l x).
Definition G l q r := Σ(x ∈ leaves) q x * r x / joint l x - 1.

Lemma total_pos l : 0 <= l -> 0 < total l.
Proof.
  intros Hl. unfold total. destruct datasets as [some each]. destruct data as [|i s]; [easy|].
  cbn [sum]. pose proof (each i (or_introl eq_refl)) as [Hi _].
  assert (0 <= Σ(i ∈ s) volume i); [|lra].
  apply sum_nonneg. intros j Hj. left. apply each. now right.
Qed.

Lemma dataset_weight i x l : 0 <= l -> In i data -> volume i * law i x <= weight l x.
Proof.
  intros Hl Hi. unfold weight. pose proof (proj1 perturbation x).
  assert (volume i * law i x <= Σ(i ∈ data) volume i * law i x); [|nra].
  apply sum_term with (f := fun i => volume i * law i x); [|assumption].
  intros j Hj. destruct (proj2 datasets j Hj) as [? [pos _]]. specialize (pos x). nra.
Qed.

Lemma weight_nonneg l x : 0 <= l -> 0 <= weight l x.
Proof.
  intros Hl. unfold weight. pose proof (proj1 perturbation x).
  assert (0 <= Σ(i ∈ data) volume i * law i x); [|nra].
  apply sum_nonneg. intros j Hj. destruct (proj2 datasets j Hj) as [? [pos _]]. specialize (pos x). nra.
Qed.

Lemma dataset_within i l : 0 <= l -> In i data -> within (law i) (joint l).
Proof.
  intros Hl Hi x Hx. apply Rdiv_lt_0_compat; [|now apply total_pos].
  pose proof (dataset_weight i x l Hl Hi). pose proof (proj1 (proj2 datasets i Hi)). nra.
Qed.

Lemma perturbation_within l : 0 < l -> within t (joint l).
Proof.
  intros Hl x Hx. apply Rdiv_lt_0_compat; [|apply total_pos; lra]. unfold weight.
  assert (0 <= Σ(i ∈ data) volume i * law i x); [|nra].
  apply sum_nonneg. intros j Hj. destruct (proj2 datasets j Hj) as [? [pos _]]. specialize (pos x). nra.
Qed.

Lemma joint_is_law l : 0 <= l -> is_law (joint l).
Proof.
  intros Hl. pose proof (total_pos l Hl) as HT. split.
  - intros x. apply Rmult_le_pos; [now apply weight_nonneg|left; now apply Rinv_0_lt_compat].
  - unfold joint, Rdiv. rewrite (sum_ext _ _ (fun x => / total l * weight l x)) by (intros; ring).
    rewrite sum_scale. enough (Σ(x ∈ leaves) weight l x = total l) as -> by (field; lra).
    unfold weight, total. rewrite sum_add, sum_scale, (proj2 perturbation), sum_swap, Rmult_1_r.
    f_equal. apply sum_ext. intros i Hi. rewrite sum_scale, (proj2 (proj2 (proj2 datasets i Hi))). ring.
Qed.

(** A weighted sum over all datasets, the perturbation's own term included, is a sum over the joint. *)
Lemma over_datasets l (f : X -> R) :
  0 <= l -> Σ(i ∈ data) volume i * (Σ(x ∈ leaves) law i x * f x) + l * (Σ(x ∈ leaves) t x * f x)
  = total l * (Σ(x ∈ leaves) joint l x * f x).
Proof.
  intros Hl. pose proof (total_pos l Hl) as HT.
  rewrite <- !sum_scale.
  rewrite (sum_ext data _ (fun i => Σ(x ∈ leaves) volume i * law i x * f x))
    by (intros; rewrite <- sum_scale; apply sum_ext; intros; ring).
  rewrite sum_swap, <- sum_add. apply sum_ext. intros x _. unfold joint, weight.
  rewrite (sum_ext data _ (fun i => f x * (volume i * law i x))) by (intros; ring).
  rewrite sum_scale. field. lra.
Qed.

(** elastic-response *)
Lemma is_derive_sum {A} (s : list A) (f : A -> R -> R) (f' : A -> R) l :
  (forall x, In x s -> is_derive (f x) l (f' x)) ->
  is_derive (fun l => Σ(x ∈ s) f x l) l (sum s f').
Proof.
  induction s as [|x s IH]; simpl; intros H.
  - exact (is_derive_const (V := R_NormedModule) 0 l).
  - apply (is_derive_plus (f x)); auto.
Qed.

Theorem elastic_response q l :
  0 <= l -> is_law q -> within q (joint l) -> is_derive (rate q) l (- G l q t / total l).
Proof.
  intros Hl Hq Hw. pose proof (total_pos l Hl) as HT.
  replace (- G l q t / total l)
    with (- Σ(x ∈ leaves) (q x * t x / joint l x / total l + - / total l * q x)).
  2: { unfold G, Rdiv. rewrite sum_add, sum_scale, (proj2 Hq).
       rewrite (sum_ext _ (fun x => _ * / total l) (fun x => / total l * (q x * t x * / joint l x)))
         by (intros; ring).
       rewrite sum_scale. field. lra. }
  apply (is_derive_opp (fun l => Σ(x ∈ leaves) q x * ln (joint l x))).
  apply is_derive_sum. intros x _.
  destruct (Rle_lt_or_eq_dec 0 (q x) (proj1 Hq x)) as [pos|zero].
  - specialize (Hw x pos). unfold joint, weight, total in *.
    set (w := Σ(i ∈ data) volume i * law i x) in *. set (n := Σ(i ∈ data) volume i) in *.
    assert (0 < w + l * t x) by (rewrite <- (Rmult_0_l (/ (n + l))) in Hw;
      apply Rmult_lt_reg_r with (/ (n + l)); [now apply Rinv_0_lt_compat|assumption]).
    auto_derive; [repeat split; lra|]. field. lra.
  - rewrite <- zero. apply is_derive_ext with (fun _ => 0); [intros; symmetry; apply Rmult_0_l|].
    replace (0 * t x / joint l x / total l + - / total l * 0) with 0 by (unfold Rdiv; ring).
    exact (is_derive_const (V := R_NormedModule) 0 l).
Qed.

(** Row sums of G vanish: the volume-weighted sum over all datasets, t included. *)
Lemma balance l :
  0 <= l -> within t (joint l) -> Σ(i ∈ data) volume i * G l (law i) t + l * G l t t = 0.
Proof.
  intros Hl Hw. unfold G.
  rewrite (sum_ext data _ (fun i => volume i * (Σ(x ∈ leaves) law i x * (t x / joint l x)) + -1 * volume i)).
  2: { intros i _. unfold Rdiv. rewrite (sum_ext leaves _ (fun x => law i x * (t x * / joint l x)))
       by (intros; ring). ring. }
  rewrite sum_add, sum_scale.
  rewrite (sum_ext leaves _ (fun x => t x * (t x / joint l x))) by (intros; unfold Rdiv; ring).
  pose proof (over_datasets l (fun x => t x / joint l x) Hl) as E. simpl in E.
  replace (Σ(x ∈ leaves) joint l x * (t x / joint l x)) with 1 in E.
  2: { rewrite <- (proj2 perturbation). apply sum_ext. intros x _.
       destruct (Rle_lt_or_eq_dec 0 (t x) (proj1 perturbation x)) as [pos|zero].
       - specialize (Hw x pos). field. lra.
       - rewrite <- zero. unfold Rdiv. ring. }
  unfold total in E. lra.
Qed.

Theorem conservation_law l :
  0 <= l -> within t (joint l) ->
  (forall i, In i data -> ex_derive (rate (law i)) l) /\ ex_derive (rate t) l /\
  Σ(i ∈ data) volume i * Derive (rate (law i)) l + l * Derive (rate t) l = 0.
Proof.
  intros Hl Hw.
  assert (slope : forall i, In i data -> is_derive (rate (law i)) l (- G l (law i) t / total l)).
  { intros i Hi. apply elastic_response; trivial; [apply datasets|apply dataset_within]; trivial. }
  pose proof (elastic_response t l Hl perturbation Hw) as own.
  split; [|split]; [intros i Hi; eexists; now apply slope|eexists; exact own|].
  rewrite (is_derive_unique _ _ _ own).
  rewrite (sum_ext data _ (fun i => - / total l * (volume i * G l (law i) t))).
  - rewrite sum_scale. pose proof (balance l Hl Hw). pose proof (total_pos l Hl).
    unfold Rdiv. replace (Σ(i ∈ data) volume i * G l (law i) t) with (- (l * G l t t)) by lra. ring.
  - intros i Hi. rewrite (is_derive_unique _ _ _ (slope i Hi)). unfold Rdiv. ring.
Qed.
End Mixture.
