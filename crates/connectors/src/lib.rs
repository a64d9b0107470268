//! Codecs of payment providers: bytes in, bytes out.
//!
//! A *connector* speaks one provider's language. It opens no socket and reads no clock: the
//! engine (crate `payments`) hands it an [`Intent`], a reply or a returning browser, and gets
//! back a [`Step`], the next thing to do. A payment is a loop of steps:
//!
//! ```text
//! begin ──▶ Step ──▶ engine stores the operation, sends ──▶ resume(state, input) ──▶ Turn ──▶ …
//!                                                                     ends with Step::Done(Event)
//! ```
//!
//! Rules every family keeps: the same input gives the same output; no input makes it panic; a
//! step that may move money says so ([`Effect::MovesMoney`]), so that a lost answer becomes
//! *unknown* and is asked about ([`Asked::Query`]), never sent twice; what a provider cannot do
//! is in [`Capabilities`], never in an `if` of a screen.
//!
//! Limits: one family, the simulated bank ([`sandbox`]). Another one is another folder and one
//! line in [`registry`].

pub mod capabilities;
pub mod case;
pub mod declines;
pub mod event;
pub mod lattice;
pub mod request;
pub mod sandbox;
pub mod scrub;
pub mod settings;
pub mod step;

pub use capabilities::Capabilities;
pub use case::{Case, CaseFamily, CaseStage};
pub use declines::{Class, Decline, Network, PayerText, Refusal};
pub use event::{CardFacts, Event, Kind, Refs, Sca, ScaFlow, ScaResult, Status, Trust};
pub use request::{
    Asked, CaptureWish, Challenge, Channel, Initiator, Input, Intent, Op, RawRequest, Reply,
};
pub use settings::{ConfigField, FieldKind, Meta, Settings};
pub use step::{
    Ack, Call, CardCall, CodeUse, Effect, Fault, FaultKind, FlowState, HttpRequest, Method,
    Sending, Step, Turn,
};

/// One provider family.
pub trait Connector: Send + Sync {
    /// Name, labels and brands.
    fn meta(&self) -> &'static Meta;

    /// What the merchant is asked for; drives form, command, API and documents.
    fn schema(&self) -> &'static [ConfigField];

    /// What it can do with these settings.
    fn caps(&self, settings: &Settings) -> Capabilities;

    /// A probe that never charges: are the settings right?
    fn check(&self, settings: &Settings) -> Step;

    /// The first step of collecting a payment. `reference` names the operation at the provider
    /// if the step sends one; each is used once.
    fn begin(&self, settings: &Settings, intent: &Intent, reference: &str) -> Step;

    /// The next step, after a reply, a return of the browser, or a time-out. `reference` names
    /// the next operation if one is sent.
    fn resume(
        &self,
        settings: &Settings,
        state: &FlowState,
        input: &Input,
        reference: &str,
    ) -> Turn;

    /// A step on what was collected: capture, void, refund, query.
    fn operate(&self, settings: &Settings, refs: &Refs, op: &Op) -> Step;

    /// Origins the payer's browser may be sent to: `form-action` of the page before.
    fn browser_origins(&self, settings: &Settings) -> Vec<String>;

    /// The attempt a request to a shared notification address belongs to.
    fn locate(&self, _request: &RawRequest) -> Option<String> {
        None
    }

    /// Names of fields that never enter a stored transcript.
    fn scrub(&self) -> &'static [&'static str];
}

/// The connector families, by name.
pub mod registry {
    use crate::Connector;

    static SANDBOX: crate::sandbox::Sandbox = crate::sandbox::Sandbox;

    /// All families, in the order of menus.
    #[must_use]
    pub fn all() -> [&'static dyn Connector; 1] {
        [&SANDBOX]
    }

    /// The family of that name.
    #[must_use]
    pub fn find(family: &str) -> Option<&'static dyn Connector> {
        all().into_iter().find(|connector| connector.meta().family == family)
    }
}

/// Fluent texts of the merchant's explanation of each decline, French.
pub const MESSAGES_FR: &str = include_str!("../messages/fr.ftl");
/// Fluent texts of the merchant's explanation of each decline, English.
pub const MESSAGES_EN: &str = include_str!("../messages/en.ftl");
