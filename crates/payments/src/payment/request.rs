//! What a program may ask for when it creates a payment, a capture session or a refund: read
//! strictly, every fault named at once.

use connectors::CodeUse;
use kernel::{
    BookingId, CaptureId, CardToken, Currency, CustomerId, Email, Locale, Money, PointOfSaleId,
    Problem, ShopId,
};
use serde_json::{Map, Value};

use super::elsewhere::{Elsewhere, MAX_REFERENCE_CHARACTERS};
use super::model::{
    CaptureMode, CapturePlan, Channel, Initiator, KeepCard, Line, Payer, Purpose, Reason,
    ThreedsWish, Validation,
};
use super::store::Parallel;
use super::terms::{self, Methods, SaveCard, Terms};
use crate::fields::{Body, Object};

const MAX_NAME_CHARACTERS: usize = 100;
const MAX_URL_CHARACTERS: usize = 2_000;
const MAX_DESCRIPTION_CHARACTERS: usize = 200;
const MAX_METADATA_MEMBERS: usize = 20;
const MAX_METADATA_CHARACTERS: usize = 500;

/// A request to create a payment.
#[derive(Debug, Clone)]
pub struct CreateRequest {
    /// The shop; the key's own when absent.
    pub shop: Option<ShopId>,
    /// The point of sale; the shop's first when absent.
    pub point_of_sale: Option<PointOfSaleId>,
    /// Where the sale is made.
    pub channel: Channel,
    /// How much.
    pub amount: Money,
    /// The merchant's reference.
    pub order_ref: String,
    /// Whether another live payment of the order is a fault.
    pub parallel: Parallel,
    /// When and how the debit follows.
    pub capture: CapturePlan,
    /// A card to charge in the call.
    pub card: Option<CardToken>,
    /// A finished capture whose card to charge in the call.
    pub capture_session: Option<CaptureId>,
    /// Who asks.
    pub initiator: Initiator,
    /// Why without the payer.
    pub reason: Option<Reason>,
    /// Wish about strong authentication.
    pub threeds: ThreedsWish,
    /// Who pays.
    pub payer: Payer,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The booking.
    pub booking: Option<BookingId>,
    /// What the amount is for.
    pub purpose: Purpose,
    /// Whether the card may be kept.
    pub keep_card: KeepCard,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    /// What is bought.
    pub lines: Vec<Line>,
    /// The means, the saving of the card, the day of the event.
    pub terms: Terms,
    /// Whether a code that the vault holds goes with the card.
    pub code: CodeUse,
    /// The merchant's own data.
    pub metadata: Map<String, Value>,
}

/// Reads a request to create a payment.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(value: &Value) -> Result<CreateRequest, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let request = read_create(&root);
    root.close();
    body.finish()?;
    request.ok_or_else(Problem::internal)
}

fn read_create(root: &Object<'_>) -> Option<CreateRequest> {
    let amount = amount(root);
    let order_ref =
        root.required("order_ref", root.text("order_ref", super::ops::MAX_ORDER_REF_CHARACTERS));
    let description = root.text("description", MAX_DESCRIPTION_CHARACTERS);
    let lines = description.map(|label| Line { label, amount: None }).into_iter().collect();
    let initiator = root.word("initiator");
    let payer = payer(&root.object("payer"));
    let capture = capture(root);
    typology(root, capture);
    let terms = terms(root);
    let without_code = root.yes("use_code") == Some(false);
    Some(CreateRequest {
        shop: root.parsed("shop", "a shop id"),
        point_of_sale: root.parsed("point_of_sale", "a point of sale id"),
        channel: root.word("channel").unwrap_or(Channel::Ecommerce),
        parallel: match root.yes("allow_parallel") {
            Some(true) => Parallel::Allow,
            _ => Parallel::Refuse,
        },
        capture,
        card: root.parsed("card", "a card id"),
        capture_session: root.parsed("capture_session", "a capture session id"),
        initiator: initiator.unwrap_or(Initiator::Payer),
        reason: root.word("reason"),
        threeds: root.word("threeds").unwrap_or(ThreedsWish::Auto),
        payer,
        customer: root.parsed("customer", "a customer id"),
        booking: root.parsed("booking", "a booking id"),
        purpose: root.word("purpose").unwrap_or(Purpose::Plain),
        keep_card: root.word("keep").unwrap_or(KeepCard::None),
        return_url: root.text("return_url", MAX_URL_CHARACTERS),
        lines,
        terms,
        code: if without_code { CodeUse::WithoutCode } else { CodeUse::WithCode },
        metadata: metadata(root),
        amount: amount?,
        order_ref: order_ref?,
    })
}

/// `typology` is told by the plan of the capture; a word that says otherwise is a fault.
fn typology(root: &Object<'_>, plan: CapturePlan) {
    let Some(word) = root.text("typology", crate::fields::MAX_TEXT_CHARACTERS) else { return };
    let deferred = plan.delay_days > 0;
    let fault = match word.as_str() {
        "immediate" if deferred => "The capture is asked for later: give deferred.",
        "deferred" if plan.is_now() => "Give the days to wait too: capture {delay: 2}.",
        "immediate" | "deferred" => return,
        _ => "Give immediate or deferred; other typologies are not offered yet.",
    };
    root.fault_as("typology", "typology_not_supported", fault);
}

fn terms(root: &Object<'_>) -> Terms {
    let save_card = root.word("save_card").unwrap_or(SaveCard::None);
    if save_card == SaveCard::Offer && root.value("customer").is_none() {
        root.fault("save_card", "A card is saved for a customer: give customer too.");
    }
    Terms {
        methods: methods(root),
        save_card,
        event_date: root.parsed("event_date", "a day, for example 2026-12-18"),
    }
}

/// The means that may be used; each that is none is named by its place.
fn methods(root: &Object<'_>) -> Methods {
    let Some(value) = root.value("methods") else { return Methods::default() };
    let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
        root.fault("methods", "Give a list of means such as CB, or leave it out.");
        return Methods::default();
    };
    let read = |(at, value): (usize, &Value)| {
        let brand = value.as_str().and_then(terms::parse);
        if brand.is_none() {
            let cure = format!("Give one of: {}.", terms::codes().join(", "));
            root.fault(&format!("methods[{at}]"), cure);
        }
        brand
    };
    Methods::of(list.iter().enumerate().filter_map(read))
}

/// `amount` in minor units and `currency`.
fn amount(root: &Object<'_>) -> Option<Money> {
    let minor = root.required("amount", root.integer("amount"));
    let currency = root.required(
        "currency",
        root.parsed::<Currency>("currency", "three upper-case letters (ISO 4217)"),
    );
    let minor = minor?;
    if !(1..=kernel::money::MAX_MINOR).contains(&minor) {
        root.fault("amount", "Give an amount from 1 to 999,999,999,999 minor units.");
        return None;
    }
    Some(Money::new(minor, currency?))
}

fn payer(object: &Object<'_>) -> Payer {
    let language = object.text("language", 2).and_then(|code| {
        let locale = Locale::ALL.into_iter().find(|locale| locale.code() == code);
        if locale.is_none() {
            object.fault("language", "Give one of: fr, en, de, es, it, nl, pt, pl.");
        }
        locale
    });
    let payer = Payer {
        email: object.parsed::<Email>("email", "an e-mail address, for example name@example.com"),
        first_name: object.text("first_name", MAX_NAME_CHARACTERS).unwrap_or_default(),
        last_name: object.text("last_name", MAX_NAME_CHARACTERS).unwrap_or_default(),
        language: language.unwrap_or(Locale::Fr),
        country: object.text("country", 2),
        phone: object.text("phone", MAX_NAME_CHARACTERS),
    };
    object.close_ref();
    payer
}

/// `"now"`, `"manual"`, or `{mode, delay, validation}`.
fn capture(root: &Object<'_>) -> CapturePlan {
    match root.value("capture") {
        None => return CapturePlan::NOW,
        Some(Value::String(word)) => {
            return match word.as_str() {
                "now" => CapturePlan::NOW,
                "manual" => CapturePlan::MANUAL,
                _ => {
                    root.fault("capture", "Give now, manual, or an object.");
                    CapturePlan::NOW
                }
            };
        }
        Some(_) => {}
    }
    let object = root.object("capture");
    let mode = object.word("mode");
    let delay = object.integer("delay").unwrap_or(0);
    let delay_days = u32::try_from(delay).unwrap_or_else(|_| {
        object.fault("delay", "Give a number of days from 0.");
        0
    });
    let validation = match object.text("validation", 20).as_deref() {
        None | Some("automatic" | "auto") => Validation::None,
        Some("manual") => Validation::Pending,
        Some(_) => {
            object.fault("validation", "Give manual or automatic.");
            Validation::None
        }
    };
    object.close_ref();
    CapturePlan { mode: mode.unwrap_or(CaptureMode::Auto), delay_days, validation }
}

fn metadata(root: &Object<'_>) -> Map<String, Value> {
    let Some(value) = root.value("metadata") else { return Map::new() };
    let Some(map) = value.as_object() else {
        root.fault("metadata", "Give an object.");
        return Map::new();
    };
    let short = |v: &Value| {
        v.as_str().is_some_and(|text| {
            text.chars().count() <= MAX_METADATA_CHARACTERS
                && !kernel::card_text::holds_card_number(text)
        })
    };
    let names = |name: &String| !kernel::card_text::holds_card_number(name);
    if map.len() > MAX_METADATA_MEMBERS || !map.values().all(short) || !map.keys().all(names) {
        root.fault("metadata", "Give at most 20 short texts without card numbers.");
        return Map::new();
    }
    map.clone()
}

/// A request to capture.
#[derive(Debug, Clone)]
pub struct CaptureRequest {
    /// How much, in minor units; all that is left when absent.
    pub amount: Option<i64>,
    /// The version the caller saw.
    pub version: Option<i64>,
}

/// Reads a request to capture.
///
/// # Errors
/// 422 with every wrong field.
pub fn capture_request(value: &Value) -> Result<CaptureRequest, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let request =
        CaptureRequest { amount: root.integer("amount"), version: root.integer("version") };
    root.close();
    body.finish().map(|()| request)
}

/// A request to cancel.
#[derive(Debug, Clone)]
pub struct CancelRequest {
    /// Why.
    pub reason: Option<String>,
    /// The version the caller saw.
    pub version: Option<i64>,
}

/// Reads a request to cancel or validate.
///
/// # Errors
/// 422 with every wrong field.
pub fn cancel_request(value: &Value) -> Result<CancelRequest, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let request = CancelRequest {
        reason: root.text("reason", crate::fields::MAX_TEXT_CHARACTERS),
        version: root.integer("version"),
    };
    root.close();
    body.finish().map(|()| request)
}

/// A request to refund.
#[derive(Debug, Clone)]
pub struct RefundRequest {
    /// How much, in minor units.
    pub amount: i64,
    /// What the caller saw as refundable.
    pub expected_refundable: i64,
    /// Why.
    pub reason: Option<String>,
    /// The version the caller saw.
    pub version: Option<i64>,
    /// The caller tells the payer himself.
    pub quiet: bool,
}

/// Reads a request to refund.
///
/// # Errors
/// 422 with every wrong field.
pub fn refund_request(value: &Value) -> Result<RefundRequest, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let request = refund_members(&root);
    let quiet = root.yes("notify_payer") == Some(false);
    root.close();
    body.finish()?;
    request.map(|request| RefundRequest { quiet, ..request }).ok_or_else(Problem::internal)
}

fn refund_members(root: &Object<'_>) -> Option<RefundRequest> {
    let amount = root.required("amount", root.integer("amount"));
    let expected = root.required("expected_refundable", root.integer("expected_refundable"));
    Some(RefundRequest {
        reason: root.text("reason", crate::fields::MAX_TEXT_CHARACTERS),
        version: root.integer("version"),
        amount: amount?,
        expected_refundable: expected?,
        quiet: false,
    })
}

/// Reads a request to write down a refund that was made elsewhere.
///
/// # Errors
/// 422 with every wrong field.
pub fn record_request(value: &Value) -> Result<(RefundRequest, Elsewhere), Problem> {
    let body = Body::new();
    let root = body.root(value);
    let kind = root.required("kind", root.text("kind", crate::fields::MAX_TEXT_CHARACTERS));
    if kind.is_some_and(|kind| kind != RECORDED_KIND) {
        root.fault("kind", "Give refund: nothing else is recorded on a payment.");
    }
    let request = refund_members(&root);
    let means = root.required("means", root.word("means"));
    let reference = root.required("reference", root.text("reference", MAX_REFERENCE_CHARACTERS));
    let on = root.required("on", root.parsed("on", "a day, for example 2026-11-20"));
    root.close();
    body.finish()?;
    let (Some(request), Some(means), Some(reference), Some(on)) = (request, means, reference, on)
    else {
        return Err(Problem::internal());
    };
    Ok((request, Elsewhere { means, reference: reference.trim().to_owned(), on }))
}

/// What may be recorded on a payment.
pub const RECORDED_KIND: &str = "refund";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn minimal() -> Value {
        json!({"amount": 8400, "currency": "EUR", "order_ref": "CMD-1042"})
    }

    fn faults(value: &Value) -> Vec<String> {
        create(value).unwrap_err().errors.into_iter().map(|e| e.path).collect()
    }

    #[test]
    fn p_153_the_short_forms_of_capture() {
        let mut value = minimal();
        assert_eq!(create(&value).unwrap().capture, CapturePlan::NOW);
        value["capture"] = json!("manual");
        assert_eq!(create(&value).unwrap().capture, CapturePlan::MANUAL);
        value["capture"] = json!({"delay": 2, "validation": "manual"});
        let plan = create(&value).unwrap().capture;
        assert_eq!((plan.delay_days, plan.validation), (2, Validation::Pending));
        value["capture"] = json!({"delay": -1, "valdation": "manual"});
        assert_eq!(faults(&value), ["$.capture.delay", "$.capture.valdation"]);
    }

    #[test]
    fn p_153_the_whole_example_is_taken() {
        let rng = kernel::rng::SeededRng::new(1);
        let value = json!({
            "shop": ShopId::random(&rng), "point_of_sale": PointOfSaleId::random(&rng),
            "channel": "ecommerce", "amount": 8400, "currency": "EUR", "order_ref": "CMD-1042",
            "typology": "deferred", "capture": {"delay": 2, "validation": "manual"},
            "methods": ["CB", "VISA"], "card": null, "capture_session": null,
            "initiator": "payer", "reason": null, "use_code": true, "threeds": "auto",
            "save_card": "offer", "event_date": "2026-12-18",
            "payer": {"email": "anne@example.org", "first_name": "Anne", "last_name": "Roy",
                "language": "fr", "country": "FR"},
            "customer": CustomerId::random(&rng), "booking": BookingId::random(&rng),
            "return_url": "https://example.org/x", "description": "Séjour 2 nuits",
            "metadata": {"k": "v"},
        });
        let request = create(&value).unwrap();
        assert_eq!(request.payer.first_name, "Anne");
        assert_eq!(request.lines.len(), 1);
        assert_eq!(request.terms.methods.codes().unwrap(), ["CB", "VISA"]);
        assert_eq!(request.terms.save_card, SaveCard::Offer);
        assert_eq!(request.terms.event_date.unwrap().to_string(), "2026-12-18");
        assert_eq!(request.code, CodeUse::WithCode);
    }

    #[test]
    fn p_153_every_wrong_member_is_named_by_its_place() {
        for (name, wrong, path) in [
            ("methods", json!(["CB", "GOLD"]), "$.methods[1]"),
            ("methods", json!(["CB", 7]), "$.methods[1]"),
            ("methods", json!([]), "$.methods"),
            ("methods", json!("CB"), "$.methods"),
            ("save_card", json!("offer"), "$.save_card"),
            ("save_card", json!("always"), "$.save_card"),
            ("event_date", json!("18/12/2026"), "$.event_date"),
            ("use_code", json!("no"), "$.use_code"),
            ("typology", json!("subscription"), "$.typology"),
            ("typology", json!("deferred"), "$.typology"),
        ] {
            let mut value = minimal();
            value[name] = wrong;
            assert_eq!(faults(&value), [path], "{value}");
        }
        let mut value = minimal();
        value["capture"] = json!({"delay": 2});
        value["typology"] = json!("immediate");
        assert_eq!(create(&value).unwrap_err().errors[0].code, "typology_not_supported");
    }

    #[test]
    fn an_amount_of_zero_is_a_wrong_field() {
        let mut value = minimal();
        value["amount"] = json!(0);
        let problem = create(&value).unwrap_err();
        assert_eq!((problem.status, problem.code), (422, "invalid_field"));
        assert_eq!(problem.errors[0].path, "$.amount");
    }

    #[test]
    fn worked_example_23_currencies_have_their_own_decimals() {
        let mut value = minimal();
        value["currency"] = json!("JPY");
        value["amount"] = json!(5000);
        let amount = create(&value).unwrap().amount;
        assert_eq!(
            kernel::format::money(amount, Locale::Fr).replace(['\u{202f}', '\u{a0}'], " "),
            "5 000 JPY"
        );
    }
}
