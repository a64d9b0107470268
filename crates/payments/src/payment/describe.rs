//! What `/v1/payments` takes and gives, for the description of the API.

use connectors::declines::Decline;
use http::openapi::{
    Once, Operation, Part, Schema, boolean, constant, date, id, instant, integer, link, list, map,
    may, minor, must, object, one_of, text, words,
};
use kernel::Locale;
use kernel::money::MAX_MINOR;
use serde_json::json;

use super::guarantee::GuaranteeValue;
use super::listing::{MAX_PAGE_PAYMENTS, PAGE_PAYMENTS};
use super::model::{CaptureMode, Channel, Initiator, KeepCard, Purpose, Reason, ThreedsWish};
use super::operation::Source;
use super::operations::describe as operations;
use super::ops::MAX_ORDER_REF_CHARACTERS;
use super::rules::Action;
use super::status::{Group, Status};
use super::terms::{self, SaveCard};
use crate::fields::Word;

pub(crate) const TAG: &str = "Payments";

/// The words of a closed list.
pub(crate) fn all<T: Word>() -> Schema {
    words(T::all())
}

/// The languages of pages.
pub(crate) fn languages() -> Schema {
    words(Locale::ALL.iter().map(|locale| locale.code()))
}

/// A currency.
pub(crate) fn currency() -> Schema {
    text().pattern("^[A-Z]{3}$").about("ISO 4217, for example EUR.").example("EUR")
}

/// Operations in the order of a payment's life.
#[must_use]
pub fn part() -> Part {
    let mut all = vec![create(), list_all(), show()];
    all.extend(operations::all());
    Part { operations: all, schemas: schemas() }
}

fn create() -> Operation {
    let example = json!({
        "amount": 8400, "currency": "EUR", "order_ref": "CMD-1042",
        "payer": {"email": "anne@example.org", "language": "fr"},
    });
    Operation::new("POST", "/v1/payments", "createPayment")
        .titled(TAG, "Ask for a payment")
        .about(
            "With `card` or `capture_session` it is tried in the call; without, send the payer to \
             `page_url`. A refusal by the bank is an answer (201, `status: refused`), not an error. \
             A key that charges a card also needs the right `card.use`.",
        )
        .right("payments.create")
        .leads_to(&["getPayment", "listOperations", "capturePayment", "cancelPayment"])
        .once(Once::Required)
        .body(link("PaymentCreate"), example)
        .answer(201, "The payment as it stands after the call.", link("Payment"))
        .answer(202, "The bank did not answer; it is being asked. Do not pay again.", link("Payment"))
        .refuses(404, &["not_found"])
        .refuses(409, &["order_has_live_payment", "result_unknown", "operation_not_allowed"])
        .refuses(409, &["shop_not_open"])
        .refuses(409, &["vcc_not_active", "vcc_window_closed", "vcc_over_balance"])
        .refuses(409, &["vcc_currency", "vcc_mcc", "vcc_attempts", "vcc_single_use"])
        .refuses(409, &["version_conflict", "invariant_violation", "capture_open"])
        .refuses(410, &["capture_closed"])
        .refuses(422, &["amount_below_minimum", "currency_not_supported", "capture_too_late"])
        .refuses(422, &["typology_not_supported", "return_url_not_allowed", "card_unknown"])
        .refuses(409, &["card_suspended"])
        .refuses(422, &["card_terminated", "card_blocked_by_issuer", "chain_reference_missing"])
        .refuses(422, &["card_expired"])
        .refuses(422, &["method_not_available", "channel_not_allowed", "contract_without_moto", "booking_unknown"])
        .refuses(502, &[crate::engine::UNREACHABLE])
        .asks_vault()
}

fn list_all() -> Operation {
    let page = object([
        must("data", list(link("Payment"))),
        must("next", text().or_null().about("The cursor of the next page; null on the last.")),
        may(
            "totals",
            list(total())
                .about("Of the whole filter, one per currency; on the first page, when few."),
        ),
    ]);
    let most = i64::from(MAX_PAGE_PAYMENTS);
    Operation::new("GET", "/v1/payments", "listPayments")
        .titled(TAG, "List payments, newest first")
        .right("payments.read")
        .query("status", all::<Status>())
        .query("group", all::<Group>())
        .query("order_ref", text().about("Exactly this reference."))
        .query("last4", text().about("Last four digits of the card.").example("0154"))
        .query("email", text().about("Exactly this address of the payer."))
        .query("booking", id("bkg"))
        .query("search", text().about("As typed at the desk: a reference, a name, `34,20`."))
        .query("brand", text().about("The same, in small letters.").example("visa"))
        .query("channel", all::<Channel>())
        .query(
            "method",
            words(terms::codes().iter().map(String::as_str))
                .about("The network the card was charged by."),
        )
        .query("guarantee", all::<GuaranteeValue>())
        .query(
            "threeds",
            text().about("Result: a letter such as `Y`, `not_enrolled` or `timeout`."),
        )
        .query("source", all::<Source>().about("Through which door the card was charged."))
        .query("late", boolean().about("Accepted when it was too late."))
        .query("name", text().about("Part of the payer's name."))
        .query("amount", minor())
        .query("authorisation", text().about("The bank's number."))
        .query("from", date().about("First day, in the merchant's zone."))
        .query("to", date().about("Last day."))
        .query(
            "totals",
            boolean().about("Sums even of many payments, or none; without it, of few."),
        )
        .query("shop", id("shop").about("The shop of the key; any other is a 404."))
        .query("limit", integer().within(1, most).usually(PAGE_PAYMENTS))
        .query("cursor", id("pay").about("`next` of the page before."))
        .answer(200, "One page.", page)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"])
}

fn total() -> Schema {
    object([
        must("currency", currency()),
        must("count", integer().at_least(0)),
        must("amount", minor()),
        must("captured", minor()),
        must("refunded", minor()),
    ])
}

fn show() -> Operation {
    Operation::new("GET", "/v1/payments/{id}", "getPayment")
        .titled(TAG, "Read a payment")
        .right("payments.read")
        .path("id", id("pay"))
        .answer(200, "The payment.", link("Payment"))
}

fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("PaymentCreate", payment_create()),
        ("Payment", payment()),
        ("PaymentCard", card()),
        ("Counters", counters()),
        ("Operation", operations::schema()),
        ("Refund", operations::schema().plus([must("payment", link("Payment"))])),
    ]
}

fn payment_create() -> Schema {
    let plan = object([
        may("mode", all::<CaptureMode>().or_null()),
        may("delay", integer().within(0, 365).or_null().about("Days until the debit.")),
        may("validation", words(["automatic", "auto", "manual"]).or_null()),
    ]);
    let name = || text().length(0, 100).or_null();
    let payer = object([
        may("email", text().format("email").or_null()),
        may("first_name", name()),
        may("last_name", name()),
        may("language", languages().or_null()),
        may("country", text().length(0, 2).or_null().about("ISO 3166-1, two letters.")),
        may("phone", name()),
    ]);
    let metadata = map(text().length(0, 500)).members(20);
    object([
        must("amount", minor().within(1, MAX_MINOR).example(8400)),
        must("currency", currency()),
        must(
            "order_ref",
            text()
                .length(1, MAX_ORDER_REF_CHARACTERS)
                .about("Your reference; one live payment each."),
        ),
        may("shop", id("shop").or_null().about("The shop of the key; any other is a 404.")),
        may("point_of_sale", id("pos").or_null().about("The shop's first when absent.")),
        may("channel", all::<Channel>().or_null()),
        may("capture", one_of([words(["now", "manual"]), plan]).or_null()),
        may("card", id("card").or_null().about("A kept card, charged in the call.")),
        may(
            "capture_session",
            id("cap").or_null().about("A finished card page, charged in the call."),
        ),
        may("initiator", all::<Initiator>().or_null()),
        may("reason", all::<Reason>().or_null().about("Why without the payer.")),
        may("threeds", all::<ThreedsWish>().or_null()),
        may("keep", all::<KeepCard>().or_null()),
        may("payer", payer.or_null()),
        may("customer", id("cus").or_null()),
        may("booking", id("bkg").or_null()),
        may("purpose", all::<Purpose>().or_null()),
        may(
            "return_url",
            text()
                .length(0, 2_000)
                .format("uri")
                .or_null()
                .about("An origin registered for the shop."),
        ),
        may("description", text().length(0, 200).or_null()),
        may(
            "allow_parallel",
            boolean().or_null().about("Lets a second live payment of the order pass."),
        ),
        may("metadata", metadata.or_null()),
        may("typology", words(["immediate", "deferred"]).or_null()),
        may("methods", methods().or_null().about("Only these; all that the shop takes if absent.")),
        may("use_code", boolean().or_null().about("Whether a held code is used; with `card`.")),
        may("save_card", all::<SaveCard>().or_null().about("`offer` needs a `customer`.")),
        may("event_date", date().or_null()),
    ])
}

fn payment() -> Schema {
    let chain = object([must("reference", text()), must("first", constant(()))]);
    let payer = object([
        must("email", text().or_null()),
        must("first_name", text()),
        must("last_name", text()),
        must("language", languages()),
        must("country", text().or_null()),
        must("phone", text().or_null()),
    ]);
    let opening = [
        must("id", id("pay")),
        must("object", constant("payment")),
        must("mode", words(["test", "live"])),
        must("shop", id("shop")),
        must("point_of_sale", id("pos")),
        must("channel", all::<Channel>()),
        must("order_ref", text()),
        must("typology", words(["immediate", "deferred"])),
        must("purpose", all::<Purpose>()),
        must("amount", minor()),
        must("currency", currency()),
        must("effective", constant(())),
        must("status", all::<Status>()),
        must("counters", link("Counters")),
        must("capturable", minor()),
        must("refundable", minor()),
        must("allowed", list(all::<Action>()).about("What may be asked now.")),
        must("capture", capture_plan()),
        must("methods", methods().or_null()),
        must("method", text().or_null().example("CB")),
        must("card", link("PaymentCard").or_null()),
    ];
    object(opening).plus([
        must("initiator", all::<Initiator>()),
        must("reason", all::<Reason>().or_null()),
        must("chain", chain.or_null()),
        must("processor", processor().or_null()),
        must(
            "warnings",
            list(words([super::json::SENT_AS_MOTO])).about(
                "`sent_as_moto`: it left as an order by telephone, asked for as one or turned into \
                 one; it is not guaranteed, and later charges find no agreement in it.",
            ),
        ),
        must("threeds", threeds().or_null()),
        must("guarantee", guarantee().or_null()),
        must("risk", constant(())),
        must("decline", decline().or_null()),
        must("attempts", integer().at_least(0)),
        must("schedule", constant(())),
        must("remittance", constant(())),
        must("duplicated_from", constant(())),
        must("late", boolean()),
        must("payer", payer),
        must("customer", id("cus").or_null()),
        must("save_card", all::<SaveCard>()),
        must("event_date", date().or_null()),
        must("booking", id("bkg").or_null()),
        must("page_url", text().or_null().about("Where the payer goes on; a secret.")),
        must("metadata", map(text())),
        must("version", integer()),
        must("created_at", instant()),
        must("updated_at", instant()),
    ])
}

fn decline() -> Schema {
    let codes: Vec<&str> = Decline::ALL.iter().map(|decline| decline.code()).collect();
    let codes = format!("A stable word; new ones may come: {}.", codes.join(", "));
    object([
        must("code", text().about(&codes).example("insufficient_funds")),
        must("class", text().about("What follows: `fix_data`, `other_card`, `retry_later`…")),
        must("raw", text().about("The bank's own code.").example("51")),
        must("retry", boolean().about("Whether this card may help later.")),
    ])
}

fn processor() -> Schema {
    object([
        must("name", text()),
        must("reference", text().or_null().about("The provider's own name of it.")),
        must("authorisation", text().or_null().about("The issuer's number.")),
        must(
            "network_transaction_id",
            text().or_null().about("Named by later charges without the payer."),
        ),
        must("at", instant()),
    ])
    .about("What books an accepted authorisation elsewhere; null before it, and in lists.")
}

/// Means of payment by name.
fn methods() -> Schema {
    list(words(terms::codes().iter().map(String::as_str)))
}

fn capture_plan() -> Schema {
    object([
        must("mode", all::<CaptureMode>()),
        must("on", date().or_null()),
        must("validation", words(["automatic", "pending", "given"])),
        must("before", instant().or_null()),
        must("trigger", constant(())),
    ])
}

fn threeds() -> Schema {
    object([
        must("version", text()),
        must("asked", text()),
        must("flow", text()),
        must("result", text()),
        must("eci", text().or_null()),
        must("exemption", constant(())),
    ])
}

pub(super) fn guarantee() -> Schema {
    object([must("value", words(["yes", "no", "unknown"])), must("reason", text())])
}

fn card() -> Schema {
    object([
        must("id", id("card")),
        must("brand", text()),
        must("co_brands", list(text())),
        must("preferred_brand", text()),
        must("chosen_by", words(["payer", "merchant"])),
        must("bin", text().about("First six or eight digits.")),
        must("last4", text()),
        must("exp_month", integer().within(1, 12)),
        must("exp_year", integer()),
        must("country", text().or_null()),
        must("funding", text().or_null()),
        must("virtual", boolean()),
    ])
    .about("What may be known of a card outside the vault.")
}

fn counters() -> Schema {
    let names = [
        "authorised",
        "voided",
        "expired",
        "capture_requested",
        "captured",
        "settled",
        "refund_pending",
        "refunded",
        "disputed",
        "charged_back",
    ];
    object(names.map(|name| must(name, minor().at_least(0))))
        .about("Everything that happened to the money of a payment.")
}
