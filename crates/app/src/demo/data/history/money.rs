//! Payments of the past: what the bank said is written as if it had just said it.

use connectors::{Decline as Meaning, Network};
use db::Tx;
use kernel::{CardToken, Money, OperationId, PaymentId, Timestamp};
use payments::engine::learn;
use payments::ops::{NewIds, NewPayment};
use payments::payment::model::{Card, Closed, Decline, Session};
use payments::payment::save::{self, Pen};
use payments::payment::{Kind, Movement, OpState, Operation, Proof, Raw, Source, store};
use payments::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Payment, Purpose,
};
use sandbox::history::Past;
use serde_json::Map;

use super::plan::{Outcome, Place, Sale};
use super::stays::person;
use super::{House, bank};
use crate::demo::data::dice::Dice;
use crate::demo::data::{Fault, fault};

/// Days a payment that waits for a person may still wait.
const VALIDATION_DAYS: u32 = 3;
/// Characters of an authorisation number and of a chain reference.
const NUMBER_CHARACTERS: usize = 12;
/// What is sold at the desk beside nights.
const SOLD: &[&str] = &["Petit déjeuner", "Dîner", "Parking", "Location de vélo", "Bar"];

/// The bank accepts a payment and takes the money.
pub(super) fn accept(
    tx: &mut Tx<'_>,
    house: &House,
    (id, now): (PaymentId, Timestamp),
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    change(tx, house, (id, now), |payment| {
        let authorised = authorise(payment, house, now)?;
        take(payment, house, now)?;
        lines.push(bank::taken(payment, &authorised));
        Ok(())
    })
}

/// All of it goes back.
pub(super) fn give_back(
    tx: &mut Tx<'_>,
    house: &House,
    (id, now): (PaymentId, Timestamp),
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    let refund = OperationId::new(now, house.rng.as_ref());
    change(tx, house, (id, now), |payment| {
        let amount = payment.money(payment.counters.refundable());
        payment.operations.push(operation(refund, (Kind::Refund, amount), now));
        payment.apply(Movement::RefundAsked(amount.minor())).map_err(fault)
    })?;
    change(tx, house, (id, now.plus_seconds(2)), |payment| {
        let said = Raw { code: "00".into(), network: network(payment), text: "approved".into() };
        note(payment, refund, said);
        payment.settle(refund, OpState::Success, Proof::Proven).map_err(fault)?;
        lines.extend(bank::given_back(payment, refund));
        Ok(())
    })
}

/// A sale at the desk, by telephone or on the web page.
pub(super) fn sale(
    tx: &mut Tx<'_>,
    house: &House,
    sale: &Sale,
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    let now = house.zone.start_of(sale.day).plus_minutes(sale.minute);
    let made = payments::ops::create(tx, &house.scope, &asked(house, sale, now), now);
    let id = made.map_err(fault)?.id;
    let then = now.plus_seconds(40);
    match sale.outcome {
        Outcome::Captured => accept(tx, house, (id, then), lines),
        Outcome::Refunded => {
            accept(tx, house, (id, then), lines)?;
            give_back(tx, house, (id, then.plus_minutes(45)), lines)
        }
        Outcome::Authorised | Outcome::ToValidate => change(tx, house, (id, then), |payment| {
            let authorised = authorise(payment, house, then)?;
            lines.push(bank::taken(payment, &authorised));
            Ok(())
        }),
        Outcome::Refused(code) => change(tx, house, (id, then), |payment| {
            refuse(payment, house, (code, then))?;
            lines.extend(bank::refused(payment));
            Ok(())
        }),
        Outcome::Abandoned => change(tx, house, (id, then), |payment| {
            payment.session = Session::Ended;
            Ok(())
        }),
        Outcome::Cancelled => change(tx, house, (id, then), |payment| {
            payment.closed = Some(Closed::Merchant);
            Ok(())
        }),
    }
}

fn asked(house: &House, sale: &Sale, now: Timestamp) -> NewPayment {
    let capture = match sale.outcome {
        Outcome::ToValidate => CapturePlan {
            delay_days: VALIDATION_DAYS,
            validation: payments::payment::Validation::Pending,
            ..CapturePlan::NOW
        },
        Outcome::Authorised => CapturePlan::MANUAL,
        _ => CapturePlan::NOW,
    };
    let (first, last, email) = person(sale.person);
    let label = SOLD.get(sale.person % SOLD.len()).copied().unwrap_or("Bar");
    let amount = Money::eur(sale.cents);
    let points = &house.merchant;
    let (point_of_sale, channel) = match sale.place {
        Place::Page => (points.point_of_sale, Channel::Ecommerce),
        Place::Counter => (points.counter, Channel::Counter),
        Place::Telephone => (points.telephone, Channel::MotoTerminal),
    };
    NewPayment {
        ids: NewIds::new(now, house.rng.as_ref()),
        shop: house.merchant.shop,
        point_of_sale,
        channel,
        amount,
        order_ref: format!("REC-{:05}", sale.number),
        parallel: Parallel::Refuse,
        purpose: Purpose::Plain,
        subject: None,
        booking: None,
        capture,
        initiator: Initiator::Payer,
        reason: None,
        keep_card: KeepCard::None,
        payer: Payer {
            email: email.parse().ok(),
            first_name: first.into(),
            last_name: last.into(),
            ..Payer::unknown(kernel::Locale::Fr)
        },
        customer: None,
        terms: payments::payment::Terms::default(),
        lines: vec![Line { label: label.into(), amount: Some(amount) }],
        return_url: None,
        metadata: Map::new(),
    }
}

/// Reads a payment, changes it and writes it with everything that follows.
fn change(
    tx: &mut Tx<'_>,
    house: &House,
    (id, now): (PaymentId, Timestamp),
    change: impl FnOnce(&mut Payment) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let before = store::find(tx, &house.scope, id)?.ok_or_else(|| fault("no such payment"))?;
    let mut after = before.clone();
    change(&mut after)?;
    let pen = Pen {
        scope: &house.scope,
        now,
        real_now: now,
        rng: house.rng.as_ref(),
        from: "",
        subjects: &house.subjects,
    };
    save::save(tx, &pen, &before, &mut after).map_err(fault)
}

fn authorise(payment: &mut Payment, house: &House, now: Timestamp) -> Result<Operation, Fault> {
    let id = begin(payment, house, now);
    payment.chain = Some(number(house));
    let said = Raw { code: "00".into(), network: network(payment), text: "approved".into() };
    note(payment, id, said);
    if let Some(operation) = payment.operations.iter_mut().find(|o| o.id == id) {
        operation.authorisation = Some(number(house));
    }
    payment.settle(id, OpState::Success, Proof::Proven).map_err(fault)?;
    payment.operation(id).cloned().ok_or_else(|| fault("no operation"))
}

fn take(payment: &mut Payment, house: &House, now: Timestamp) -> Result<(), Fault> {
    let id = OperationId::new(now, house.rng.as_ref());
    let capture = operation(id, (Kind::Capture, payment.amount), now);
    payment.operations.push(Operation { attempt: payment.attempts, ..capture });
    let said = Raw { code: "00".into(), network: network(payment), text: "approved".into() };
    note(payment, id, said);
    payment.settle(id, OpState::Success, Proof::Proven).map_err(fault)?;
    Ok(())
}

fn refuse(
    payment: &mut Payment,
    house: &House,
    (code, now): (&str, Timestamp),
) -> Result<(), Fault> {
    let id = begin(payment, house, now);
    let meaning = Meaning::of(Network::Cb, code);
    let said = Raw { code: code.into(), network: network(payment), text: "refused".into() };
    note(payment, id, said);
    if let Some(operation) = payment.operations.iter_mut().find(|o| o.id == id) {
        operation.code = Some(meaning.code().to_owned());
    }
    payment.settle(id, OpState::Failed, Proof::Proven).map_err(fault)?;
    payment.decline = Some(Decline { raw: code.to_owned(), ..learn::decline_of(meaning) });
    payment.session = Session::Ended;
    Ok(())
}

/// One more attempt, with a card, asked of the bank.
fn begin(payment: &mut Payment, house: &House, now: Timestamp) -> OperationId {
    payment.attempts = payment.attempts.saturating_add(1);
    payment.card = Some(card(house, now));
    let id = OperationId::new(now, house.rng.as_ref());
    let asked = operation(id, (Kind::Authorise, payment.amount), now);
    payment.operations.push(Operation { attempt: payment.attempts, ..asked });
    id
}

fn operation(id: OperationId, (kind, amount): (Kind, Money), now: Timestamp) -> Operation {
    Operation {
        id,
        kind,
        state: OpState::Sent,
        amount,
        attempt: 0,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: if kind == Kind::Refund { "clock" } else { "payer" }.to_owned(),
        source: if kind == Kind::Refund { Source::Desk } else { Source::Page },
        reason: None,
        at: now,
        sent_at: Some(now),
        queries: 0,
        elsewhere: None,
        quiet: false,
    }
}

fn note(payment: &mut Payment, id: OperationId, said: Raw) {
    if let Some(operation) = payment.operations.iter_mut().find(|o| o.id == id) {
        operation.code = Some("approved".to_owned());
        operation.raw = said;
    }
}

fn network(payment: &Payment) -> String {
    payment.card.as_ref().map_or_else(String::new, |card| card.network().to_owned())
}

/// A card that the bank knows by its last digits alone; the vault never held it.
fn card(house: &House, now: Timestamp) -> Card {
    let dice = Dice(house.rng.as_ref());
    let (brand, bin, co_brands): (&str, &str, &[&str]) = match dice.between(0, 9) {
        0..=5 => ("visa", "49701000", &["cb"]),
        6 | 7 => ("mastercard", "51000101", &[]),
        8 => ("visa", "42424242", &[]),
        _ => ("amex", "375900", &[]),
    };
    let year = house.zone.date(now).year();
    Card {
        id: CardToken::random(house.rng.as_ref()),
        brand: brand.into(),
        co_brands: co_brands.iter().map(|brand| (*brand).to_owned()).collect(),
        preferred_brand: None,
        only: None,
        bin: bin.into(),
        last4: format!("{:04}", dice.between(0, 9_999)),
        exp_month: u8::try_from(dice.between(1, 12)).unwrap_or(1),
        exp_year: u16::try_from(i64::from(year).saturating_add(dice.between(1, 4))).unwrap_or(2030),
        country: Some("FR".into()),
        funding: Some("debit".into()),
        kept: false,
        single_use: true,
    }
}

fn number(house: &House) -> String {
    let text = kernel::Id::random(house.rng.as_ref()).text();
    text.chars().rev().take(NUMBER_CHARACTERS).collect()
}
