//! Generated cases, made ahead of need on a thread of their own while others are under way.

use std::ops::Range;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::check::Draft;
use super::engine::Stop;
use super::plan::Generator;
use super::session::Session;

/// Most cases that are made ahead.
const AHEAD: usize = 64;

/// Cases of all generators in turn: the first of each, the second of each and so on.
pub(crate) struct Supply {
    made: mpsc::Receiver<Result<Draft, String>>,
}

impl Supply {
    /// Begins to make the cases of these numbers. It stops when nobody wants any more.
    pub fn start(session: Arc<Session>, generators: &[Generator], numbers: Range<u64>) -> Self {
        let (sender, made) = mpsc::channel(AHEAD);
        let generators = generators.to_vec();
        // Trees cannot change threads; the cases that are picked from them can.
        tokio::task::spawn_blocking(move || {
            for number in numbers {
                for generator in &generators {
                    let draft = generator
                        .tree(session.options.seed, number)
                        .map(|tree| generator.own(&session, tree.current(), number, 0));
                    if sender.blocking_send(draft).is_err() {
                        return;
                    }
                }
            }
        });
        Self { made }
    }

    /// The next case.
    pub async fn next(&mut self) -> Result<Draft, Stop> {
        match self.made.recv().await {
            Some(made) => made.map_err(Stop::Fault),
            None => Err(Stop::Fault("a case could not be generated".to_owned())),
        }
    }
}
