(** The sign of the alignment's response, in the mean over worlds in which D_1 and D_3 change places. *)
From Coq Require Import Reals List Lra Psatz Permutation.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture Inner Models.
Import ListNotations.
Open Scope R_scope.

Lemma sum_permutation {A} (s u : list A) (f : A -> R) : Permutation s u -> sum s f = sum u f.
Proof. induction 1; simpl; lra. Qed.

Lemma sum_map {A B} (s : list A) (g : A -> B) (f : B -> R) : sum (map g s) f = Σ(x ∈ s) f (g x).
Proof. induction s as [|x s IH]; simpl; [reflexivity|]. now rewrite IH. Qed.

Section Worlds.
Context {World X : Type} (worlds : list World) (prob : World -> R) (leaves : list X) (k : R).
Context (P1 P2 P3 : World -> X -> R) (exchange : World -> World).
Hypothesis k_pos : 0 < k.
Hypothesis laws : forall w, is_law leaves (P1 w) /\ is_law leaves (P2 w) /\ is_law leaves (P3 w).
Hypothesis weights : forall w, 0 <= prob w.
(** D_1 and D_3 are exchangeable given D_2. *)
Hypothesis exchangeable : Permutation (map exchange worlds) worlds /\
  forall w, prob (exchange w) = prob w /\ P2 (exchange w) = P2 w /\
            P1 (exchange w) = P3 w /\ P3 (exchange w) = P1 w.

(** Three equal parts of pre-training; alignment is like D_2, nothing else has come yet. *)
Definition world w := [(k / 3, P1 w); (k / 3, P2 w); (k / 3, P3 w); (1, P2 w)].
Notation G w q r := (G leaves (world w) (P3 w) 0 q r).
Definition E (f : World -> R) := Σ(w ∈ worlds) prob w * f w.

Lemma world_datasets w : world w <> [] /\ forall i, In i (world w) -> 0 < volume i /\ is_law leaves (law i).
Proof.
  split; [discriminate|]. destruct (laws w) as [a [b c]].
  intros i [<-|[<-|[<-|[<-|[]]]]]; simpl; split; trivial; lra.
Qed.

Theorem sign_exchangeable :
  E (fun w => G w (P2 w) (P3 w)) = - (1 / 2) * (1 + 3 / k) * E (fun w => G w (P2 w) (P2 w)) /\
  E (fun w => G w (P2 w) (P3 w)) <= 0.
Proof.
  assert (inside : forall w, within (P2 w) (joint (world w) (P3 w) 0)).
  { intros w. apply (dataset_within leaves (world w) (P3 w) (world_datasets w) (proj2 (proj2 (laws w))) (1, P2 w));
      simpl; auto; lra. }
  destruct (sign_equal_cardinality worlds prob k (fun w => G w (P2 w) (P1 w)) (fun w => G w (P2 w) (P2 w))
    (fun w => G w (P2 w) (P3 w))) as [eq neg]; trivial.
  - intros w. apply inner_nonneg; trivial; [apply world_datasets|apply laws|lra|apply laws].
  - intros w. destruct (laws w) as [a [b c]].
    assert (same : forall x, joint (world w) (P3 w) 0 x = joint (world w) (P2 w) 0 x)
      by (intros; unfold joint, weight, total; simpl; now rewrite !Rmult_0_l).
    assert (move : forall q r, G w q r = Mixture.G leaves (world w) (P2 w) 0 q r)
      by (intros; unfold Mixture.G; f_equal; apply sum_ext; intros; now rewrite same).
    pose proof (balance leaves (world w) (P2 w) (world_datasets w) b 0 (Rle_refl 0)) as B.
    assert (Hw : within (P2 w) (joint (world w) (P2 w) 0)).
    { intros x Hx. rewrite <- same. now apply inside. }
    specialize (B Hw). unfold world at 1 in B. cbn [sum volume law fst snd] in B.
    rewrite !move, (inner_symmetric leaves (world w) (P2 w) 0 (P2 w) (P1 w)),
      (inner_symmetric leaves (world w) (P2 w) 0 (P2 w) (P3 w)). lra.
  - destruct exchangeable as [perm swap].
    rewrite <- (sum_permutation _ _ (fun w => prob w * G w (P2 w) (P1 w)) perm), sum_map.
    apply sum_ext. intros w _. destruct (swap w) as [p [e2 [e1 e3]]]. rewrite p. f_equal.
    unfold Mixture.G. f_equal. apply sum_ext. intros x _.
    replace (joint (world (exchange w)) (P3 (exchange w)) 0 x) with (joint (world w) (P3 w) 0 x).
    + now rewrite e2, e1.
    + unfold joint, weight, total, world. simpl. rewrite e1, e2, e3. f_equal. ring.
  - split; [exact eq|exact neg].
Qed.
End Worlds.
