//! One attempt, from authentication to authorisation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::codec::{self, Answer, Authentication, Bank, Outcome, Read};
use super::operations::{self, Stage as OperationStage};
use super::{TEMPLATE_AUTHENTICATE, TEMPLATE_AUTHORISE};
use crate::declines::{Decline, Network};
use crate::event::{Event, Kind, ScaResult, Status};
use crate::request::{CaptureWish, Challenge, Channel, Initiator, Input, Intent, Reply};
use crate::step::{
    Call, CardCall, CodeUse, Effect, FlowState, HttpRequest, Method, Sending, Step, Turn,
};

/// Replays after a soft decline: one, then a soft decline is a refusal.
const MAX_REPLAYS: u8 = 1;

/// What is stored between two steps.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case")]
pub(super) enum State {
    /// Collecting a payment.
    Attempt(Attempt),
    /// An operation on what was collected.
    Operation(OperationStage),
}

/// An attempt under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Attempt {
    intent: Intent,
    replays: u8,
    stage: Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum Stage {
    /// An authentication was asked.
    Authenticating,
    /// The payer is on the bank's page.
    Challenged { authentication: String, url: String },
    /// The bank is asked how that ended.
    Asking { authentication: String, url: String },
    /// An authorisation was asked.
    Authorising,
}

impl State {
    pub(super) fn store(&self) -> FlowState {
        FlowState(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The first step.
pub(super) fn begin(intent: &Intent, reference: &str) -> Step {
    let attempt = Attempt { intent: intent.clone(), replays: 0, stage: Stage::Authenticating };
    match (intent.initiator, &intent.chain) {
        (Initiator::Merchant, None) => {
            Step::unexpected("A payment by the merchant cites the chain of the first one.")
        }
        (Initiator::Merchant, Some(_)) => attempt.authorise(None, CodeUse::WithoutCode, reference),
        (Initiator::Payer, _)
            if intent.channel == Channel::Moto || intent.challenge == Challenge::Off =>
        {
            let code = attempt.intent.code;
            attempt.authorise(None, code, reference)
        }
        (Initiator::Payer, _) => attempt.authenticate(intent.challenge, reference),
    }
}

/// The next step.
pub(super) fn resume(bank: Bank<'_>, state: &FlowState, input: &Input, reference: &str) -> Turn {
    match serde_json::from_str(&state.0) {
        Ok(State::Attempt(attempt)) => attempt.resume(bank, input, reference),
        Ok(State::Operation(stage)) => Turn::only(operations::resume(&stage, input)),
        Err(_) => Turn::only(Step::unexpected("The state of the flow cannot be read.")),
    }
}

impl Attempt {
    fn resume(self, bank: Bank<'_>, input: &Input, reference: &str) -> Turn {
        match (self.stage.clone(), input) {
            (Stage::Authenticating, Input::Http(reply)) => {
                self.authenticated(bank, reply, reference)
            }
            (Stage::Authenticating, Input::Timeout) => {
                Turn::done(Event::refused(Kind::Authenticate, Decline::ThreedsTimeout))
            }
            (Stage::Challenged { .. } | Stage::Asking { .. }, Input::Ended) => {
                Turn::done(Event::refused(Kind::Authenticate, Decline::ThreedsTimeout))
            }
            (
                Stage::Challenged { authentication, url } | Stage::Asking { authentication, url },
                Input::Return(_) | Input::Poll,
            ) => Turn::only(self.ask(bank, authentication, url)),
            (Stage::Asking { authentication, url }, Input::Http(reply)) => {
                match codec::read::<Authentication>(reply) {
                    Read::Known(answer) if answer.id == authentication => {
                        self.follow(bank, answer, Some(url), reference)
                    }
                    Read::NotFound => {
                        let gone = Decline::ThreedsUnavailable;
                        Turn::done(Event::refused(Kind::Authenticate, gone))
                    }
                    _ => Turn::only(self.back_to_bank(authentication, url)),
                }
            }
            (Stage::Asking { authentication, url }, Input::Timeout) => {
                Turn::only(self.back_to_bank(authentication, url))
            }
            (Stage::Authorising, Input::Http(reply)) => self.authorised(reply, reference),
            (Stage::Authorising, Input::Timeout) => {
                Turn::done(Event::unknown(Kind::Authorise, "no answer in time"))
            }
            _ => Turn::only(Step::unexpected("This does not answer what was asked.")),
        }
    }

    fn authenticated(self, bank: Bank<'_>, reply: &Reply, reference: &str) -> Turn {
        match codec::read::<Authentication>(reply) {
            Read::Known(answer) => self.follow(bank, answer, None, reference),
            Read::NotTaken(status) => Turn::done(not_taken(Kind::Authenticate, status)),
            Read::NotFound => Turn::done(not_taken(Kind::Authenticate, 404)),
            Read::Unreadable => {
                Turn::done(Event::refused(Kind::Authenticate, Decline::ThreedsUnavailable))
            }
        }
    }

    /// Goes on from the result of an authentication; `known_url` is the page the payer was on.
    fn follow(
        self,
        bank: Bank<'_>,
        answer: Authentication,
        known_url: Option<String>,
        reference: &str,
    ) -> Turn {
        let refused = |decline| Turn::done(answer.refusal(decline));
        match answer.result {
            ScaResult::Y | ScaResult::A | ScaResult::U | ScaResult::NotEnrolled => {
                let event = answer.event(Status::Authorised);
                let code = self.code();
                Turn::after(event, self.authorise(Some(answer.id), code, reference))
            }
            ScaResult::C => {
                let waiting = answer.event(Status::ActionRequired);
                let is_news = known_url.is_none();
                match known_url.or(answer.challenge_url).filter(|u| codec::is_of_bank(u, bank)) {
                    Some(url) => {
                        let step = self.back_to_bank(answer.id, url);
                        Turn { closes: is_news.then_some(waiting), step }
                    }
                    None => {
                        Turn::done(Event::refused(Kind::Authenticate, Decline::ThreedsUnavailable))
                    }
                }
            }
            ScaResult::N | ScaResult::Cancelled => refused(Decline::ThreedsFailed),
            ScaResult::R => refused(Decline::ThreedsRejected),
            ScaResult::Timeout => refused(Decline::ThreedsTimeout),
        }
    }

    fn authorised(self, reply: &Reply, reference: &str) -> Turn {
        let answer = match codec::read::<Answer>(reply) {
            Read::Known(answer) => answer,
            Read::NotTaken(status) => return Turn::done(not_taken(Kind::Authorise, status)),
            Read::NotFound => return Turn::done(not_taken(Kind::Authorise, 404)),
            Read::Unreadable => {
                return Turn::done(Event::unknown(Kind::Authorise, "unreadable answer"));
            }
        };
        if answer.amount.is_some_and(|minor| minor != self.intent.amount.minor()) {
            let why = "the bank answered another amount";
            return Turn::done(Event::unknown(Kind::Authorise, why));
        }
        let network = Network::parse(answer.network.as_deref().unwrap_or_default());
        let declined =
            (answer.outcome == Outcome::Declined).then(|| Decline::of(network, &answer.code));
        let success = match self.intent.capture {
            CaptureWish::Now => Status::Captured,
            CaptureWish::Later => Status::Authorised,
        };
        let event = answer.event(Kind::Authorise, success, self.intent.amount);
        match declined {
            Some(Decline::AuthenticationRequired) if self.may_replay() => {
                let replay = Self { replays: self.replays.saturating_add(1), ..self };
                Turn::after(event, replay.authenticate(Challenge::Mandate, reference))
            }
            // Another message with this reference may have been accepted: ask.
            Some(Decline::DuplicateRequest) => {
                Turn::done(Event { status: Status::Unknown, decline: None, ..event })
            }
            _ => Turn::done(event),
        }
    }

    fn may_replay(&self) -> bool {
        self.replays < MAX_REPLAYS
            && self.intent.initiator == Initiator::Payer
            && self.intent.channel == Channel::Ecommerce
    }

    /// Whether the code goes with the authorisation; the first answer has used it up.
    const fn code(&self) -> CodeUse {
        match self.replays {
            0 => self.intent.code,
            _ => CodeUse::WithoutCode,
        }
    }

    fn at(self, stage: Stage) -> FlowState {
        State::Attempt(Self { stage, ..self }).store()
    }

    fn authenticate(self, challenge: Challenge, reference: &str) -> Step {
        let wish = if challenge == Challenge::Mandate { "mandate" } else { "none" };
        let mut args = self.common_args(reference);
        args.insert("challenge".into(), wish.into());
        args.insert("return_url".into(), self.intent.return_url.clone().into());
        Step::CallWithCard(CardCall {
            template: TEMPLATE_AUTHENTICATE,
            args,
            code: CodeUse::WithoutCode,
            code_later: self.code(),
            sending: Sending {
                kind: Kind::Authenticate,
                reference: reference.into(),
                effect: Effect::Harmless,
            },
            state: self.at(Stage::Authenticating),
        })
    }

    fn authorise(self, proof: Option<String>, code: CodeUse, reference: &str) -> Step {
        let mut args = self.common_args(reference);
        args.insert("initiator".into(), self.intent.initiator.as_str().into());
        args.insert("chain".into(), self.intent.chain.clone().unwrap_or_default().into());
        args.insert("authentication".into(), proof.unwrap_or_default().into());
        args.insert("capture".into(), self.intent.capture.as_str().into());
        Step::CallWithCard(CardCall {
            template: TEMPLATE_AUTHORISE,
            args,
            code,
            code_later: CodeUse::WithoutCode,
            sending: Sending {
                kind: Kind::Authorise,
                reference: reference.into(),
                effect: Effect::MovesMoney,
            },
            state: self.at(Stage::Authorising),
        })
    }

    fn common_args(&self, reference: &str) -> Map<String, Value> {
        let amount = self.intent.amount;
        match json!({
            "ref": reference,
            "amount": amount.minor(),
            "currency": amount.currency().code(),
        }) {
            Value::Object(args) => args,
            _ => Map::new(),
        }
    }

    fn back_to_bank(self, authentication: String, url: String) -> Step {
        let state = self.at(Stage::Challenged { authentication, url: url.clone() });
        Step::Redirect { url, state }
    }

    fn ask(self, bank: Bank<'_>, authentication: String, url: String) -> Step {
        if codec::good_reference(&authentication).is_err() {
            return Step::unexpected("The name of the authentication cannot be asked about.");
        }
        let address = format!("{}/api/authentications/{authentication}", bank.calls);
        Step::Call(Call {
            request: HttpRequest { method: Method::Get, url: address, body: None },
            sending: Sending {
                kind: Kind::Query,
                reference: authentication.clone(),
                effect: Effect::Harmless,
            },
            state: self.at(Stage::Asking { authentication, url }),
        })
    }
}

/// The bank refused to take the message: nothing was done.
pub(super) fn not_taken(kind: Kind, status: u16) -> Event {
    Event { raw_code: Some(format!("http_{status}")), ..Event::refused(kind, Decline::BadMessage) }
}
