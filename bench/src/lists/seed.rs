//! Many payments, quickly: what a list reads of them, without operations and books.

use db::{Db, DbError, Route, Tx, params};
use kernel::rng::SeededRng;
use kernel::{Id, PaymentId, Rng, Scope, Timestamp};

use crate::Outcome;

/// Payments of one commit.
const UNIT_ROWS: u32 = 5_000;
/// A payment every so many microseconds: a million in two years.
const STEP_MICROS: i64 = 60_000_000;
const NAMES: [&str; 16] = [
    "Martin",
    "Bernard",
    "Thomas",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Dubois",
    "Moreau",
    "Laurent",
    "Simon",
    "Michel",
    "Lefèvre",
    "Leroy",
    "Roux",
    "Irresponsable",
];
const FIRST_NAMES: [&str; 8] =
    ["Éléonore", "Anne", "Jean", "Léa", "Hugo", "Zoé", "François", "Inès"];
const BRANDS: [&str; 8] = ["cb", "cb", "cb", "visa", "visa", "mastercard", "mastercard", "amex"];
const SQL: &str = "INSERT INTO payment (id, merchant_id, mode, shop_id, point_of_sale_id, \
    channel, purpose, order_ref, amount, currency, status, authorised, voided, expired, \
    capture_requested, captured, settled, refund_pending, refunded, disputed, charged_back, \
    capture_mode, capture_delay, validation, initiator, keep_card, threeds_wish, attempts, \
    session, late, served, payer_name, payer, lines, metadata, page_token, version, created_at, \
    updated_at, card_last4, card_brand, payer_email, find_reference, find_number, find_name, \
    find_first_name, find_email, threeds_result, guarantee_value) \
    VALUES ($1, $2, $3, $4, $4, 'ecommerce', 'deposit', $5, $6, 'EUR', $7, $6, 0, 0, 0, $8, 0, 0, \
    $9, 0, 0, 'auto', 0, 'none', 'payer', 'none', 'auto', 1, 'ended', 0, 1, $10, $11, $12, '{}', \
    $13, 2, $14, $14, $15, $16, $17, $18, $19, $20, $21, $22, 'Y', 'yes')";

/// Fills the table up to `rows`, if it is empty.
pub(super) fn fill(db: &Db, scope: &Scope, rows: u32, now: Timestamp) -> Outcome<()> {
    let any = db.read_blocking::<_, DbError, _>(|tx| {
        let sql = "SELECT id FROM payment WHERE merchant_id = $1 LIMIT 1";
        Ok(!tx.query(sql, &params![scope.merchant()])?.is_empty())
    })?;
    if any {
        return Ok(());
    }
    let first = now.as_micros() - i64::from(rows) * STEP_MICROS;
    for from in (0..rows).step_by(UNIT_ROWS as usize) {
        let (scope, to) = (scope.clone(), rows.min(from + UNIT_ROWS));
        db.write_blocking::<_, DbError, _>(Route::any(), move |tx| {
            let rng = SeededRng::new(u64::from(from));
            (from..to).try_for_each(|number| {
                let at = Timestamp::from_micros(first + i64::from(number) * STEP_MICROS);
                one(tx, &scope, (number, at), &rng)
            })
        })?;
    }
    Ok(db.checkpoint()?)
}

fn one(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (number, at): (u32, Timestamp),
    rng: &SeededRng,
) -> Result<(), DbError> {
    let mut chance = [0; 8];
    rng.fill(&mut chance);
    let [a, b, c, d, e, f, ..] = chance.map(usize::from);
    let name = NAMES[a % NAMES.len()];
    let first_name = FIRST_NAMES[b % FIRST_NAMES.len()];
    // Every name is borne by many, the pair with its number by one.
    let last_name = format!("{name} {:04}", number % 10_000);
    let amount = 1_000 + (c as i64 * 256 + d as i64) * 2;
    let status = match e {
        0..=9 => "refused",
        10..=14 => "authorised",
        15 => "disputed",
        16..=24 => "refunded",
        _ => "captured",
    };
    let captured = if matches!(status, "captured" | "refunded" | "disputed") { amount } else { 0 };
    let refunded = if status == "refunded" { amount } else { 0 };
    let reference = reference(number);
    let email = format!("{}.{number}@exemple.fr", web::list::folded(first_name));
    let payer = serde_json::json!({ "email": email, "first_name": first_name,
        "last_name": last_name, "language": "fr", "country": null });
    let (folded_first, folded_last) =
        (web::list::folded(first_name), web::list::folded(&last_name));
    let values = params![
        PaymentId::new(at, rng),
        scope.merchant(),
        scope.mode().as_str(),
        Id::from_bytes([9; 16]),
        reference.clone(),
        amount,
        status,
        captured,
        refunded,
        format!("{folded_first} {folded_last}"),
        payer.to_string(),
        "[{\"label\":\"Chambre Loire, 2 nuits, petit déjeuner\",\"amount\":null}]",
        Id::random(rng).text(),
        at,
        last4(number),
        BRANDS[f % BRANDS.len()],
        email.clone(),
        reference.to_lowercase().into_bytes(),
        format!("{number:07}").into_bytes(),
        format!("{folded_last} {folded_first}").into_bytes(),
        format!("{folded_first} {folded_last}").into_bytes(),
        email.into_bytes(),
    ];
    tx.exec(SQL, &values).map(|_| ())
}

fn reference(number: u32) -> String {
    format!("DOS-2026-{number:07}/1")
}

fn last4(number: u32) -> String {
    format!("{:04}", number.wrapping_mul(7_919) % 10_000)
}

/// A question with values that occur, others in each round.
pub(super) fn filled_in(question: &str, round: u32, rows: u32) -> String {
    let number = round.wrapping_mul(7_919) % rows.max(1);
    let amount = 1_000 + i64::from(number % 60_000) * 2;
    question
        .replace("{last4}", &last4(number))
        .replace("{amount}", &format!("{},{:02}", amount / 100, amount % 100))
        .replace("{reference}", &reference(number).replace('/', "%2F"))
        .replace("{rare}", &format!("{:04}", number % 10_000))
}
