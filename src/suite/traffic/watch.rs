//! Looks on while traffic passes, tells what it sees, and makes an outcome of it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::garbage::{self, Garbage};
use super::judge::{Judged, judge_passed};
use super::known::Known;
use super::proxied::{Proxied, RequestTrouble};
use super::record::Recorder;
use super::request::{self, Reading};
use super::seen::{RequestProblem, Seen, SeenViolation};
use crate::gateway::{Passed, Sighting, Target};
use crate::protocol::Callback;
use crate::suite::call::Place;
use crate::suite::customs::Customs;
use crate::suite::error::{Error, ErrorKind};
use crate::suite::event::{Event, Observer};
use crate::suite::evidence::{self, Mask, Variables};
use crate::suite::judge::findings::Finding;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::latency::Latency;
use crate::suite::ledger::Ledger;
use crate::suite::options::{Options, Profile};
use crate::suite::outcome::{Failure, RunInfo};
use crate::suite::panics::caught_call;
use crate::suite::{register, single};

/// The requirement that response_id is fresh.
const FRESH: &str = "ENV-06";
/// Response ids that are remembered; of further ones nobody knows whether they are fresh.
const MOST_IDS: usize = 200_000;

/// Looks on while traffic passes.
pub struct Watch {
    pub(super) options: Options,
    target: Target,
    customs: Vec<&'static Callback>,
    pub(super) ledger: Ledger,
    pub(super) latency: Latency,
    pub(super) info: RunInfo,
    pub(super) started: Instant,
    pub(super) proxied: Proxied,
    known: Known,
    garbage: Garbage,
    /// The request that each response id answered.
    response_ids: HashMap<String, String>,
    pub(super) notices: Vec<String>,
    pub(super) fault: Option<String>,
    recorder: Option<Recorder>,
    recorded_whole: bool,
    pub(super) observer: Box<dyn Observer>,
}

impl Watch {
    /// Looks on at traffic to this handler. Of the options, `custom`, `timeout`, `strict` and `reveal` count, and the secrets
    /// of the credentials are hidden from the beginning.
    ///
    /// # Errors
    /// When a custom callback is not declared in full.
    pub fn new(
        target: Target,
        options: Options,
        observer: Box<dyn Observer>,
    ) -> Result<Self, Error> {
        for custom in &options.custom {
            if let Err(error) = custom.callback() {
                let name = custom.name();
                return Err(Error::new(ErrorKind::Options, format!("{name}: {error}")));
            }
        }
        let known = options.credentials.iter().chain(&options.other_credentials);
        let base = Mask::new(options.reveal, known);
        let customs = Customs::new(&options);
        Ok(Self {
            customs: customs.all().iter().map(|own| own.callback).collect(),
            ledger: Ledger::new(false),
            latency: Latency::default(),
            info: RunInfo {
                target: target.name().to_owned(),
                seed: 0,
                started_at: jiff::Timestamp::now(),
                duration: Duration::ZERO,
                exchanges: 0,
                profile: Profile::Full.name(),
                write: false,
                strict: options.strict,
            },
            started: Instant::now(),
            proxied: Proxied::default(),
            known: Known::new(base),
            garbage: Garbage::default(),
            response_ids: HashMap::new(),
            notices: Vec::new(),
            fault: None,
            recorder: None,
            recorded_whole: true,
            observer,
            options,
            target,
        })
    }

    /// Writes every exchange down as it passes, with secrets and tokens masked whatever the options say. `name` is what the
    /// file is called.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn record(&mut self, out: Box<dyn Write + Send>, name: &str) -> io::Result<()> {
        let known = (self.options.credentials.iter()).chain(&self.options.other_credentials);
        let mask = Mask::new(false, known);
        let upstream = self.target.name();
        self.recorder = Some(Recorder::new(out, name.to_owned(), upstream, &mask)?);
        Ok(())
    }

    /// Whether all that passed could be written down.
    pub fn is_recorded_whole(&self) -> bool {
        self.recorded_whole
    }

    /// Takes what the relay saw.
    pub fn take(&mut self, sighting: Sighting) {
        match sighting {
            Sighting::Exchange(passed) => {
                // A defect of ours must not end the proxy.
                if let Err(panic) = caught_call(|| self.look(&passed)) {
                    self.notice(format!("an exchange could not be judged: {panic}"));
                    self.fault.get_or_insert(panic);
                }
            }
            Sighting::Unreachable { reason, .. } => {
                self.proxied.unreachable += 1;
                let told = format!(
                    "the handler could not be reached: {reason}; the proxy answered 502 itself"
                );
                self.observer.event(Event::Notice(&told));
            }
            Sighting::Unobserved { reason, .. } => {
                let told =
                    format!("a connection is forwarded and not looked at any more: {reason}");
                self.observer.event(Event::Notice(&told));
                self.proxied.not_judged(&told);
            }
        }
    }

    fn notice(&mut self, text: String) {
        self.observer.event(Event::Notice(&text));
        if !self.notices.contains(&text) {
            self.notices.push(text);
        }
    }

    fn look(&mut self, passed: &Passed) {
        self.info.exchanges += 1;
        self.proxied.exchanges += 1;
        let now = passed.at.as_second();
        let reading = request::read(&passed.request, &self.customs, now);
        self.known.learn(&passed.request.message);
        let confidential = self.known.confidential();
        let mut judged = judge_passed(passed, &reading, self.options.timeout, &confidential);
        let body = &passed.request.message.body;
        self.garbage.take(body, &reading, &judged.disposition);
        let excused = (self.garbage).excuse(&mut judged.findings, &judged.disposition);
        if excused {
            judged
                .unjudged
                .get_or_insert_with(|| garbage::WHY.to_owned());
        }
        if judged.unjudged.is_none() {
            judged
                .findings
                .extend(self.freshness(&reading, passed, &judged.disposition));
        }
        for (id, wrong) in single::tls(&passed.observation) {
            let defect = wrong.map(|(expected, observed)| Defect { expected, observed });
            judged.findings.push(Finding { id, defect });
        }
        let seen = self.seen(passed, &reading, &judged);
        self.enter(passed, &reading, &judged);
        self.write_down(passed, &seen);
        self.observer.event(Event::Passed(&seen));
    }

    fn write_down(&mut self, passed: &Passed, seen: &Seen) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        if let Err(error) = recorder.write(passed, seen) {
            let name = recorder.name().to_owned();
            self.recorder = None;
            self.recorded_whole = false;
            self.notice(format!(
                "nothing more is recorded, for {name} cannot be written to: {error}"
            ));
        }
    }

    /// Whether the response id is one that no earlier answer had, but to the same request sent again.
    fn freshness(
        &mut self,
        reading: &Reading,
        passed: &Passed,
        disposition: &Disposition,
    ) -> Option<Finding> {
        let Disposition::Accepted(Some(body)) = disposition else {
            return None;
        };
        passed.observation.result.as_ref().ok()?;
        let id = body.get("response_id")?.as_str()?;
        let first = self.response_ids.is_empty();
        if let Some(request) = self.response_ids.get(id) {
            return (*request != reading.request_id).then(|| Finding {
                id: FRESH,
                defect: Some(Defect {
                    expected: "a `response_id` that no earlier answer had".to_owned(),
                    observed: format!("`response_id` is {id:?} again"),
                }),
            });
        }
        if self.response_ids.len() == MOST_IDS {
            return None;
        }
        let request = reading.request_id.clone();
        self.response_ids.insert(id.to_owned(), request);
        // The first one has nothing to differ from.
        (!first).then_some(Finding {
            id: FRESH,
            defect: None,
        })
    }

    fn seen(&self, passed: &Passed, reading: &Reading, judged: &Judged) -> Seen {
        let mask = self.known.mask();
        let problems = reading.problems.iter().map(|problem| RequestProblem {
            observed: mask.text(&problem.observed),
            ..problem.clone()
        });
        let violations = judged.findings.iter().filter_map(|finding| {
            let defect = finding.defect.as_ref()?;
            Some(SeenViolation {
                requirement: register::find(finding.id)?,
                expected: mask.text(&defect.expected),
                observed: mask.text(&defect.observed),
            })
        });
        let violations: Vec<SeenViolation> = violations.collect();
        Seen {
            number: self.proxied.exchanges,
            at: passed.at,
            callback: mask.text(&reading.name),
            status: passed.observation.status(),
            took: passed.observation.total,
            problems: problems.collect(),
            kept: judged.findings.len() - violations.len(),
            violations,
            unjudged: judged.unjudged.as_ref().map(|why| mask.text(why)),
        }
    }

    fn enter(&mut self, passed: &Passed, reading: &Reading, judged: &Judged) {
        let changes = reading
            .callback
            .is_some_and(|callback| callback.changes_data);
        self.info.write |= changes;
        match &judged.unjudged {
            Some(why) => self.proxied.not_judged(why),
            None => self.proxied.judged += 1,
        }
        for problem in &reading.problems {
            self.proxied.trouble(RequestTrouble {
                callback: self.known.mask().text(&reading.name),
                part: problem.part,
                expected: problem.expected.clone(),
                observed: self.known.mask().text(&problem.observed),
                requests: 1,
            });
        }
        let right = matches!(judged.disposition, Disposition::Accepted(_));
        if let Some(callback) = reading.callback.filter(|_| right) {
            let took = passed.observation.total;
            self.latency.note(callback.name, took, false);
        }
        let name = reading.callback.map(|callback| callback.name);
        for finding in &judged.findings {
            let Some(defect) = &finding.defect else {
                match name {
                    Some(name) => self.ledger.pass_with(finding.id, name),
                    None => self.ledger.pass(finding.id),
                }
                continue;
            };
            let keeps = self.ledger.keeps_more(finding.id, name.unwrap_or_default());
            let failure = keeps.then(|| self.failure(passed, name, finding.id, defect));
            self.ledger.fail(finding.id, name, true, failure);
        }
    }

    fn failure(
        &self,
        passed: &Passed,
        callback: Option<&'static str>,
        id: &str,
        defect: &Defect,
    ) -> Failure {
        let (mask, message) = (self.known.mask(), &passed.request.message);
        let place = Place {
            authority: self.target.authority().to_owned(),
            path: passed.request.target.clone(),
        };
        let curl = match passed.request.malformed {
            Some(_) => "# not possible with curl: the request is not valid HTTP".to_owned(),
            None => evidence::curl(message, self.target.as_url(), mask, Variables::RIGHT),
        };
        Failure {
            callback,
            known: None,
            steps: Vec::new(),
            case: format!(
                "exchange {} of those that passed, at {}",
                self.proxied.exchanges, passed.at
            ),
            expected: mask.text(&defect.expected),
            observed: mask.text(&defect.observed),
            request: evidence::request(message, &place, mask),
            response: evidence::response(&passed.observation, mask),
            control: None,
            diff: None,
            curl,
            repeat: evidence::check_again(
                self.target.name(),
                id,
                self.recorder.as_ref().map(Recorder::name),
            ),
        }
    }
}
