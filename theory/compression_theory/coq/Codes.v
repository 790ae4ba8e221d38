(** Prefix codes: Kraft, the source coding bound, and the jump law at a switch of the code. *)
From Coq Require Import Reals List Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Elastic Require Import Sums Mixture Finite Models.
Import ListNotations.
Open Scope R_scope.

Inductive code (X : Type) := Word (x : X) | Branch (zero one : code X).
Arguments Word {X}. Arguments Branch {X}.

(** The leaves of a code below depth d, with their depths. *)
Fixpoint words {X} (c : code X) (d : nat) : list (X * nat) :=
  match c with Word x => [(x, d)] | Branch a b => words a (S d) ++ words b (S d) end.

Lemma sum_app {A} (s u : list A) (f : A -> R) : Σ(x ∈ s ++ u) f x = Σ(x ∈ s) f x + Σ(x ∈ u) f x.
Proof. induction s as [|x s IH]; simpl; [lra|]. rewrite IH; lra. Qed.

Theorem kraft {X} (c : code X) d : Σ(w ∈ words c d) (1 / 2) ^ snd w = (1 / 2) ^ d.
Proof.
  revert d. induction c as [x|a IHa b IHb]; intros d; cbn [words].
  - simpl. ring.
  - rewrite sum_app, IHa, IHb. simpl. lra.
Qed.

Theorem source_coding {X} (c : code X) (p : X * nat -> R) :
  is_law (words c 0) p ->
  - (Σ(w ∈ words c 0) p w * (ln (p w) / ln 2)) <= Σ(w ∈ words c 0) p w * INR (snd w).
Proof.
  intros Hp. assert (l2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (half : forall w : X * nat, 0 < (1 / 2) ^ snd w) by (intros; apply pow_lt; lra).
  pose proof (gibbs (words c 0) p (fun w => (1 / 2) ^ snd w) Hp) as E.
  assert (K : is_law (words c 0) (fun w => (1 / 2) ^ snd w)).
  { split; [intros w; now apply Rlt_le|]. rewrite kraft. reflexivity. }
  specialize (E K (fun w _ => half w)). unfold KL in E.
  rewrite (sum_ext _ _ (fun w => ln 2 * (p w * (ln (p w) / ln 2)) + ln 2 * (p w * INR (snd w)))) in E.
  - rewrite sum_add, !sum_scale in E. apply Rmult_le_reg_l with (ln 2); lra.
  - intros w _. rewrite ln_pow by lra. replace (1 / 2) with (/ 2) by lra. rewrite ln_Rinv by lra. field. lra.
Qed.

Section Jump.
Context {X : Type} (leaves : list X) (data : list (@dataset X)) (t : X -> R) (l e : R) (old new : X -> R).
Hypothesis datasets : data <> [] /\ forall i, In i data -> 0 < volume i /\ is_law leaves (law i).
Hypothesis perturbation : is_law leaves t.
Hypothesis l_pos : 0 < e <= l.

Theorem huffman_jump :
  (forall l', l - e < l' < l -> mean leaves (joint data t l') old <= mean leaves (joint data t l') new) ->
  (forall l', l < l' < l + e -> mean leaves (joint data t l') new <= mean leaves (joint data t l') old) ->
  Σ(i ∈ data) volume i * (mean leaves (law i) new - mean leaves (law i) old)
    + l * (mean leaves t new - mean leaves t old) = 0
  /\ mean leaves t new <= mean leaves t old.
Proof.
  intros before after.
  set (gap q := mean leaves q old - mean leaves q new).
  assert (linear : forall l', 0 < l' -> total data l' * gap (joint data t l')
            = Σ(i ∈ data) volume i * gap (law i) + gap t * l').
  { intros l' Hl'. unfold gap. rewrite !Rmult_minus_distr_l. unfold mean.
    rewrite <- !(over_datasets leaves data t datasets l') by lra.
    rewrite (sum_ext data (fun i => volume i * (_ - _))
      (fun i => volume i * (Σ(x ∈ leaves) law i x * old x) + -1 * (volume i * (Σ(x ∈ leaves) law i x * new x))))
      by (intros; ring).
    rewrite sum_add, sum_scale. ring. }
  destruct (switch (Σ(i ∈ data) volume i * gap (law i)) (gap t) l e) as [zero fall]; [lra| | |].
  - intros l' H. rewrite <- linear by lra. specialize (before l' H).
    pose proof (total_pos leaves data datasets l' ltac:(lra)). unfold gap. nra.
  - intros l' H. rewrite <- linear by lra. specialize (after l' H).
    pose proof (total_pos leaves data datasets l' ltac:(lra)). unfold gap. nra.
  - split; [|unfold gap in fall; lra].
    rewrite (sum_ext data _ (fun i => -1 * (volume i * gap (law i)))) by (intros; unfold gap; ring).
    rewrite sum_scale. unfold gap in *. lra.
Qed.
End Jump.
