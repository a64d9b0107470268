//! The simulated bank, as seen by a client: direct card payments with 3-D Secure.
//!
//! A payment by its holder is authenticated, sent to the bank's page if a challenge is asked,
//! then authorised with the security code. A soft decline is followed once by an authentication
//! with challenge mandated and one replay, with the proof and without the code (the vault
//! destroyed it with the first answer); a second soft decline is a refusal. A payment by the
//! merchant cites the chain reference of the first one and has neither authentication nor code.
//!
//! A card is checked without a payment by an authorisation of amount zero, as an order by
//! telephone; the intent says whether the code goes along.
//!
//! The contract is *direct*: `capture: now` authorises and captures in one step. The bank tells
//! outcomes by itself too, sealed ([`notice`]). An account may declare less than the bank can do
//! ([`terms`]).

mod codec;
mod flow;
pub mod notice;
mod operations;
pub mod terms;
#[cfg(test)]
mod tests;

use crate::capabilities::{
    AccountCheck, Capabilities, CaptureSupport, Flow, Instalments, MoneyLimits, QueryBy,
    ReferenceRule, RefundSupport, Timeouts, TokenSupport, VoidSupport, WireAmount, Zero,
};
use crate::declines::Network;
use crate::event::Refs;
use crate::request::{Input, Intent, Op, RawRequest};
use crate::settings::{ConfigField, FieldKind, Meta, Settings};
use crate::step::{FlowState, Step, Turn};

/// Name of the family, as stored.
pub const FAMILY: &str = "sandbox";
/// Setting: address of the bank.
pub const BANK_URL: &str = "bank_url";
/// Setting: origin of the bank's pages as browsers see it, where it is not its address.
pub const BANK_PAGES: &str = "bank_pages";
/// Setting: the secret with which the bank seals its notifications, in hexadecimal digits.
pub const NOTIFY_KEY: &str = "notify_key";
/// Template of the vault that asks for an authentication.
pub const TEMPLATE_AUTHENTICATE: &str = "sandbox.authenticate";
/// Template of the vault that asks for an authorisation.
pub const TEMPLATE_AUTHORISE: &str = "sandbox.authorise";

/// The connector of the simulated bank.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

static META: Meta = Meta {
    family: FAMILY,
    label_fr: "Banque simulée",
    label_en: "Simulated bank",
    simulated: true,
    networks: &[
        Network::Cb,
        Network::Visa,
        Network::Mastercard,
        Network::Amex,
        Network::Diners,
        Network::Discover,
        Network::Jcb,
    ],
};

static SCHEMA: &[ConfigField] = &[
    ConfigField {
        name: BANK_URL,
        label_fr: "Adresse de la banque simulée",
        label_en: "Address of the simulated bank",
        kind: FieldKind::Url,
        format: "http://127.0.0.3:7702",
        where_to_find: "guichet demo --json, bank",
        required_if: "",
    },
    ConfigField {
        name: BANK_PAGES,
        label_fr: "Adresse de ses pages",
        label_en: "Address of its pages",
        kind: FieldKind::Url,
        format: "https://bank.example.org",
        where_to_find: "guichet.toml, bank",
        required_if: "",
    },
    ConfigField {
        name: NOTIFY_KEY,
        label_fr: "Clé des notifications",
        label_en: "Key of notifications",
        kind: FieldKind::Secret,
        format: "64 hexadecimal digits",
        where_to_find: "guichet.toml, bank",
        required_if: "",
    },
];

const CAPABILITIES: Capabilities = Capabilities {
    flows: &[Flow::DirectCard, Flow::Moto],
    money: MoneyLimits {
        currencies: &["EUR", "JPY", "KWD"],
        wire: WireAmount::MinorInteger,
        minimum_units: 1,
        maximum_minor: kernel::money::MAX_MINOR,
        zero: Zero::ConfirmWithoutProvider,
    },
    capture: CaptureSupport::Several,
    capture_days: 30,
    void: VoidSupport::Rest,
    refund: RefundSupport::Several,
    refund_days: 456,
    check: AccountCheck::Zero,
    tokens: TokenSupport::None,
    instalments: Instalments::EngineScheduler,
    query: QueryBy::OurReference,
    not_found_final_after_seconds: 15 * 60,
    reference: ReferenceRule { extra_characters: codec::REFERENCE_EXTRA, max_length: 40 },
    timeouts: Timeouts {
        connect_seconds: 5,
        authorise_seconds: 30,
        refund_seconds: 60,
        query_seconds: 10,
    },
};

impl crate::Connector for Sandbox {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn schema(&self) -> &'static [ConfigField] {
        SCHEMA
    }

    fn caps(&self, settings: &Settings) -> Capabilities {
        terms::declared(settings)
    }

    fn check(&self, settings: &Settings) -> Step {
        operations::check(settings)
    }

    fn begin(&self, settings: &Settings, intent: &Intent, reference: &str) -> Step {
        codec::bank(settings)
            .and_then(|_| codec::good_reference(reference))
            .map_or_else(Step::Fault, |()| flow::begin(intent, reference))
    }

    fn resume(
        &self,
        settings: &Settings,
        state: &FlowState,
        input: &Input,
        reference: &str,
    ) -> Turn {
        if let Input::Notify(request) = input {
            return Turn::only(notice::read(settings, request));
        }
        match (codec::bank(settings), codec::good_reference(reference)) {
            (Ok(bank), Ok(())) => flow::resume(bank, state, input, reference),
            (Err(fault), _) | (_, Err(fault)) => Turn::only(Step::Fault(fault)),
        }
    }

    fn operate(&self, settings: &Settings, refs: &Refs, op: &Op) -> Step {
        operations::operate(settings, refs, op)
    }

    fn browser_origins(&self, settings: &Settings) -> Vec<String> {
        codec::bank(settings).map(|bank| vec![bank.pages.to_owned()]).unwrap_or_default()
    }

    fn locate(&self, request: &RawRequest) -> Option<String> {
        notice::reference(request)
    }

    fn scrub(&self) -> &'static [&'static str] {
        &["pan", "code"]
    }
}
