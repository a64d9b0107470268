//! What a connector wants done next.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{Event, Kind};

/// What the connector must know to go on, as JSON text the engine stores and hands back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowState(pub String);

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Tells.
    Post,
}

/// A request without card data.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Whole address.
    pub url: String,
    /// JSON body of a POST.
    pub body: Option<Value>,
}

/// Whether a lost answer matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// May move money: without an answer the operation is *unknown* and is never sent again.
    MovesMoney,
    /// Moves nothing, and the provider answers the same reference alike: may be repeated.
    Harmless,
}

/// What a step sends, so that the operation can be stored before the first byte leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Which operation.
    pub kind: Kind,
    /// Its reference at the provider.
    pub reference: String,
    /// Whether it may move money.
    pub effect: Effect,
}

/// A call the engine makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The request.
    pub request: HttpRequest,
    /// What it sends.
    pub sending: Sending,
    /// To be handed back with the answer.
    pub state: FlowState,
}

/// Whether the security code goes with the card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeUse {
    /// With the code, if the vault still has it.
    #[default]
    WithCode,
    /// Without.
    WithoutCode,
}

/// A call the vault makes: it fills the card into a template.
#[derive(Debug, Clone, PartialEq)]
pub struct CardCall {
    /// Name of the vault's template.
    pub template: &'static str,
    /// Values of the template.
    pub args: Map<String, Value>,
    /// Whether the security code goes with it.
    pub code: CodeUse,
    /// Whether the code goes with a later call of the same attempt.
    pub code_later: CodeUse,
    /// What it sends.
    pub sending: Sending,
    /// To be handed back with the answer.
    pub state: FlowState,
}

/// Why no step exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The provider or the contract cannot do this.
    CapabilityMissing,
    /// A setting is missing or wrong.
    Config,
    /// What came is not for this flow (a stale state, a foreign address).
    Unexpected,
    /// The seal over the received bytes is missing or wrong, or no secret is configured.
    BadSeal,
}

/// A fault of the set-up or the flow; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// The setting to correct.
    pub field: Option<&'static str>,
    /// Sentence for the merchant.
    pub text: String,
}

/// What a provider's notification is answered, after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// HTTP status.
    pub status: u16,
    /// Content type, with its character set.
    pub content_type: &'static str,
    /// Body.
    pub body: Vec<u8>,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one value per exchange with a provider")]
pub enum Step {
    /// Call the provider, then `resume` with [`crate::Input::Http`] or `Timeout`.
    Call(Call),
    /// Let the vault call the provider with the card, then the same.
    CallWithCard(CardCall),
    /// Send the browser there, then `resume` with [`crate::Input::Return`].
    Redirect {
        /// The provider's page.
        url: String,
        /// To be handed back on return.
        state: FlowState,
    },
    /// Let the browser post a form there.
    FormPost {
        /// The provider's page.
        url: String,
        /// Fields in order.
        fields: Vec<(String, String)>,
        /// Character set of the form.
        charset: &'static str,
        /// To be handed back on return.
        state: FlowState,
    },
    /// Fields of the provider inside our page.
    HostedFields {
        /// Where the browser posts.
        browser_post: String,
        /// Fields in order.
        fields: Vec<(String, String)>,
        /// To be handed back on return.
        state: FlowState,
    },
    /// HTML of an authentication, for a sandboxed frame.
    Html3ds {
        /// The provider's HTML.
        html: String,
        /// To be handed back on return.
        state: FlowState,
    },
    /// Wait for the payer's application; `resume` with [`crate::Input::Poll`].
    AwaitApp {
        /// Seconds between looks.
        poll_seconds: u32,
        /// Seconds until it lapses.
        expires_seconds: u32,
        /// To be handed back at each look.
        state: FlowState,
    },
    /// Events of a notification; the ack is sent after they are committed.
    Settle {
        /// What happened.
        events: Vec<Event>,
        /// What to answer.
        ack: Ack,
    },
    /// The end of the flow; the event closes the operation it is about.
    Done(Event),
    /// No step exists; nothing was sent.
    Fault(Fault),
}

/// What an input taught, and what to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// What the input says about the operation sent before, when the flow goes on after it (an
    /// authentication that succeeded, waits for the payer, an authorisation softly declined). A
    /// last event is in [`Step::Done`] instead.
    pub closes: Option<Event>,
    /// The next thing to do.
    pub step: Step,
}

impl Turn {
    /// The flow goes on and nothing was learned.
    #[must_use]
    pub const fn only(step: Step) -> Self {
        Self { closes: None, step }
    }

    /// The flow goes on after an event.
    #[must_use]
    pub const fn after(event: Event, step: Step) -> Self {
        Self { closes: Some(event), step }
    }

    /// The flow ends.
    #[must_use]
    pub const fn done(event: Event) -> Self {
        Self { closes: None, step: Step::Done(event) }
    }
}

impl Step {
    /// A fault of the flow: what came does not fit what was asked.
    pub(crate) fn unexpected(text: impl Into<String>) -> Self {
        Self::Fault(Fault { kind: FaultKind::Unexpected, field: None, text: text.into() })
    }
}
