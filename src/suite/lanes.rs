//! Lanes: tasks that take cases from one queue and carry them to the handler, each one exchange at a time. The engine waits
//! for all of them at once, so that no exchange waits for the engine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::check::{Draft, Expect};
use super::courier::Courier;
use super::engine::{Engine, Exchange, Stop};
use super::pace::Pace;
use super::record::PROGRESS_EVERY;

/// A wait that the reader is told of.
const LONG_WAIT: Duration = Duration::from_secs(5);

/// How long an interrupted run waits for answers to what may change data.
const LAST_WRITES: Duration = Duration::from_secs(2);

/// Where the lanes halt.
pub(crate) struct Halt {
    /// Before which place what is wrong at a place is to halt the lanes: further on for further places. Nothing from there on
    /// is sent before that place is answered, so that what is sent does not depend on which answer comes first.
    pub reach: Box<dyn Fn(usize) -> usize + Send + Sync>,
    /// What an exchange says of halting.
    pub tells: Box<dyn Fn(&Exchange) -> Halting + Send + Sync>,
}

/// Whether the lanes halt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halting {
    No,
    /// Where the place reaches to.
    InReach,
    AtOnce,
}

/// What a lane does next.
enum Next {
    Send(Box<Job>),
    /// Nothing until there is another answer.
    Wait,
    End,
}

/// What came of cases.
pub(crate) struct Carried {
    /// The exchanges, in the order of the cases.
    pub exchanges: Vec<Exchange>,
    /// The cases that were not sent, because the lanes halted before them.
    pub left: Vec<(&'static str, Draft)>,
}

/// A case on its way.
struct Job {
    place: usize,
    tries: u32,
    about: &'static str,
    draft: Draft,
}

/// What the lanes share.
struct Queue {
    courier: Courier,
    pace: Arc<Mutex<Pace>>,
    limit: usize,
    halt: Option<Halt>,
    /// Wakes the engine when the handler asks for a long wait.
    long_wait: Notify,
    /// Wakes lanes that wait for answers.
    answered: Notify,
    state: Mutex<State>,
}

struct State {
    waiting: VecDeque<Job>,
    done: Vec<Option<Exchange>>,
    /// The first place without an exchange.
    first_open: usize,
    /// Lanes that still take cases.
    open: usize,
    /// Messages sent, those that were sent again included.
    sent: u64,
    /// Cases from this place on are left.
    end: usize,
    stop: Option<Stop>,
}

impl Engine {
    /// Sends cases, at most `limit` at once and in this order; nothing is entered in the ledger yet. With `halt`, answers
    /// are learnt from as they come, and it tells where to halt.
    pub(crate) async fn carry_all(
        &mut self,
        cases: Vec<(&'static str, Draft)>,
        limit: usize,
        halt: Option<Halt>,
    ) -> Result<Carried, Stop> {
        let limit = limit.min(self.pace().limit()).max(1);
        let lanes = limit.min(cases.len());
        let waiting: VecDeque<Job> = (cases.into_iter().enumerate())
            .map(|(place, (about, draft))| Job {
                place,
                tries: 0,
                about,
                draft,
            })
            .collect();
        let queue = Arc::new(Queue {
            courier: self.courier.clone(),
            pace: self.pace.clone(),
            limit,
            halt,
            long_wait: Notify::new(),
            answered: Notify::new(),
            state: Mutex::new(State {
                done: waiting.iter().map(|_| None).collect(),
                waiting,
                first_open: 0,
                open: lanes,
                sent: 0,
                end: usize::MAX,
                stop: None,
            }),
        });
        let end = self.run_lanes(&queue, lanes).await;
        let mut state = queue.state();
        self.info.exchanges += state.sent;
        let stop = state.stop.take();
        let exchanges: Vec<Exchange> = state.done.drain(..).flatten().collect();
        let left = state.waiting.drain(..);
        let left = left.map(|job| (job.about, job.draft)).collect();
        drop(state);
        for exchange in &exchanges {
            if exchange.draft.expect == Expect::Accept && exchange.judgement.accepted() {
                let callback = exchange.draft.call.callback.name;
                let total = exchange.observation.total;
                self.latency.note(callback, total, lanes < 2);
            }
        }
        end?;
        match stop {
            Some(stop) => Err(stop),
            None => Ok(Carried { exchanges, left }),
        }
    }

    async fn run_lanes(&mut self, queue: &Arc<Queue>, lanes: usize) -> Result<(), Stop> {
        let mut under_way = JoinSet::new();
        if lanes > 1 {
            for _ in 0..lanes {
                under_way.spawn(queue.clone().lane());
            }
        }
        let end = {
            let all = async {
                if lanes == 1 {
                    queue.clone().lane().await;
                }
                while let Some(joined) = under_way.join_next().await {
                    joined
                        .map_err(|error| Stop::Fault(format!("sending a case failed: {error}")))?;
                }
                Ok(())
            };
            tokio::pin!(all);
            let mut tick = tokio::time::interval(PROGRESS_EVERY);
            loop {
                tokio::select! {
                    _ = tick.tick() => self.progress_so_far(queue.progress()),
                    end = &mut all => break end,
                    () = self.interrupt.triggered() => {
                        queue.state().end = 0;
                        if self.session.options.write {
                            // A write that is done while the data are put back would undo that.
                            let _ = tokio::time::timeout(LAST_WRITES, &mut all).await;
                        }
                        break Err(Stop::Interrupted);
                    }
                    () = queue.long_wait.notified() => {
                        self.notice("the handler answers 429 with a long Retry-After: waiting as it asks");
                    }
                }
            }
        };
        // A lane that is told to stop may be at work just now.
        under_way.shutdown().await;
        end
    }
}

impl Queue {
    /// Cases done, without the controls among them: nobody planned those.
    fn progress(&self) -> u64 {
        let state = self.state();
        let done = state.done.iter().flatten();
        done.filter(|exchange| exchange.about != "ROB-11").count() as u64
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one case after the other, until there are none, or there are too many lanes for what the handler sustains.
    async fn lane(self: Arc<Self>) {
        loop {
            let answered = self.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            let job = match self.next() {
                Next::Send(job) => job,
                Next::Wait => {
                    answered.await;
                    continue;
                }
                Next::End => return,
            };
            let (tries, place) = (job.tries, job.place);
            let at = self.pace().book();
            match self.courier.clone().carry(job.about, job.draft, at).await {
                Ok(exchange) => self.take_in(place, tries, exchange),
                Err(stop) => {
                    self.state().stop.get_or_insert(stop);
                }
            }
            self.answered.notify_waiters();
        }
    }

    fn next(&self) -> Next {
        let limit = self.pace().limit().min(self.limit).max(1);
        let mut state = self.state();
        let Some(job) = state.waiting.pop_front() else {
            state.open -= 1;
            return Next::End;
        };
        // What has been sent once is sent to its end.
        let wanted = job.place < state.end || job.tries > 0;
        if !wanted || state.stop.is_some() || state.open > limit {
            state.waiting.push_front(job);
            state.open -= 1;
            return Next::End;
        }
        let first_open = state.first_open;
        let reach = self.halt.as_ref().map(|halt| (halt.reach)(first_open));
        if reach.is_some_and(|reach| job.place >= reach) {
            state.waiting.push_front(job);
            return Next::Wait;
        }
        state.sent += 1;
        Next::Send(Box::new(job))
    }

    fn take_in(&self, place: usize, tries: u32, exchange: Exchange) {
        let asks_for_patience = exchange.observation.status() == Some(429);
        let mut pace = self.pace();
        if asks_for_patience && tries < pace.patience() {
            let wait = pace.slow_down(&exchange.observation);
            drop(pace);
            if tries == 0 && wait > LONG_WAIT {
                self.long_wait.notify_one();
            }
            self.state().waiting.push_front(Job {
                place,
                tries: tries + 1,
                about: exchange.about,
                draft: exchange.draft,
            });
            return;
        }
        match asks_for_patience {
            true => pace.give_up(),
            false if tries > 0 => pace.paid_off(),
            false => pace.answered(),
        }
        let mut end = None;
        if let Some(halt) = &self.halt {
            pace.learn(&exchange.observation);
            drop(pace);
            end = match (halt.tells)(&exchange) {
                Halting::No => None,
                Halting::InReach => Some((halt.reach)(place)),
                Halting::AtOnce => Some(0),
            };
        }
        let mut state = self.state();
        state.end = state.end.min(end.unwrap_or(usize::MAX));
        if let Some(slot) = state.done.get_mut(place) {
            *slot = Some(exchange);
        }
        while matches!(state.done.get(state.first_open), Some(Some(_))) {
            state.first_open += 1;
        }
    }
}
