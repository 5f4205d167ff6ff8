//! Right handlers that look odd: not one of them may be failed for what it is free to do.
//!
//! `ACGW_SEED=N` runs them with another seed. `ACGW_SEEDS=50 cargo test --release --test benign -- --ignored --nocapture` runs each
//! with so many, from `ACGW_FIRST_SEED` on.

#[path = "../common/mod.rs"]
mod common;
mod connections;
mod custom;
mod mirrored;
mod mixed;
mod one_answer;
mod pace;
mod partners;
mod refusals;
mod requests;
mod seeds;
mod success;
mod wire;

use std::sync::Arc;

use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::{Options, Outcome};
use common::front::{Answer, Arrived, Front, Reply, ask};
use common::verdicts::*;
use common::*;

/// The outcome for a handler whose answers are the reference handler's, put otherwise.
async fn put_otherwise<F>(put: F) -> Outcome
where
    F: Fn(&Arrived, Answer) -> Reply + Send + Sync + 'static,
{
    with(brief(), |arrived| arrived, put).await
}

/// The outcome for a handler that reads requests its own way and puts the answers otherwise.
async fn with<R, P>(options: Options, read: R, put: P) -> Outcome
where
    R: Fn(Arrived) -> Arrived + Send + Sync + 'static,
    P: Fn(&Arrived, Answer) -> Reply + Send + Sync + 'static,
{
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let (read, put) = (Arc::new(read), Arc::new(put));
    let front = Front::answer(move |arrived| {
        let (reference, read, put) = (reference.clone(), read.clone(), put.clone());
        async move {
            let answer = ask(&reference, &read(arrived.clone())).await;
            put(&arrived, answer)
        }
    })
    .await;
    run(identity, &front.url(), options).await
}

/// The outcome for a handler that does something around the reference handler.
async fn around<F, Fut>(options: Options, answer: F) -> Outcome
where
    F: Fn(Reference, Arrived) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| answer(reference.clone(), arrived)).await;
    run(identity, &front.url(), options).await
}
