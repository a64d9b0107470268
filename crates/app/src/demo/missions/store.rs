//! What shows that a step was done, and where a visitor stands: read from the database.
//!
//! The sample data may still be arriving, at the same instant of a clock that stands: what it pays
//! by telephone (`moto_terminal`) is nobody's step.

use db::{DbError, Tx, params};
use kernel::{Id, MerchantId};

use super::Sign;

impl Sign {
    /// What is looked for among things younger than the mission.
    const fn sql(self) -> Option<&'static str> {
        Some(match self {
            Self::PinAsked | Self::PinActive | Self::CodeSeen => return None, // the vault knows
            Self::Basket => "SELECT id FROM cart WHERE merchant_id = $1 AND id > $2 LIMIT 1",
            Self::Payment => {
                "SELECT id FROM payment WHERE merchant_id = $1 AND id > $2 \
                 AND subject_kind = 'cart' LIMIT 1"
            }
            Self::Booked => "SELECT id FROM booking WHERE merchant_id = $1 AND id > $2 LIMIT 1",
            Self::Balance => {
                "SELECT id FROM payment WHERE merchant_id = $1 AND id > $2 \
                 AND purpose = 'balance' AND channel <> 'moto_terminal' AND captured > 0 LIMIT 1"
            }
            Self::Refused => {
                "SELECT id FROM payment_operation WHERE merchant_id = $1 AND id > $2 \
                 AND kind = 'authorise' AND state = 'failed' LIMIT 1"
            }
            Self::LeftBank => {
                "SELECT id FROM payment_operation WHERE merchant_id = $1 AND id > $2 \
                 AND kind = 'authenticate' AND state = 'failed' LIMIT 1"
            }
            Self::Settled => {
                "SELECT id FROM payment_operation WHERE merchant_id = $1 AND id > $2 \
                 AND kind = 'authorise' AND state = 'success' AND queries > 0 LIMIT 1"
            }
            Self::ToldTwice => {
                "SELECT payment_id FROM connector_inbox WHERE merchant_id = $1 \
                 AND payment_id > $2 AND repeats > 0 LIMIT 1"
            }
            Self::ByApi => {
                "SELECT id FROM payment WHERE merchant_id = $1 AND id > $2 \
                 AND subject_kind IS NULL AND channel <> 'moto_terminal' LIMIT 1"
            }
            Self::ApiPaid => {
                "SELECT id FROM payment WHERE merchant_id = $1 AND id > $2 \
                 AND subject_kind IS NULL AND channel <> 'moto_terminal' AND captured > 0 LIMIT 1"
            }
            Self::Refunded => {
                "SELECT id FROM payment WHERE merchant_id = $1 AND id > $2 \
                 AND channel <> 'moto_terminal' AND refunded > 0 LIMIT 1"
            }
        })
    }
}

/// Whether the sign is there; a sign that the vault keeps never is.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn look(
    tx: &mut Tx<'_>,
    sign: Sign,
    (merchant, since): (MerchantId, Id),
) -> Result<bool, DbError> {
    let Some(sql) = sign.sql() else { return Ok(false) };
    Ok(tx.query_opt(sql, &params![merchant, since])?.is_some())
}

/// Secret of the page of the youngest payment that a program made.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn api_page(
    tx: &mut Tx<'_>,
    (merchant, since): (MerchantId, Id),
) -> Result<Option<String>, DbError> {
    let sql = "SELECT page_token FROM payment WHERE merchant_id = $1 AND id > $2 \
         AND subject_kind IS NULL AND channel <> 'moto_terminal' ORDER BY id DESC LIMIT 1";
    tx.query_opt(sql, &params![merchant, since])?.map(|row| row.get("page_token")).transpose()
}

/// Where the visitor stands since the mission began.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Secret of the last basket's page.
    pub(super) basket: Option<String>,
    /// Secret of the last payment's page, and its id as in addresses.
    pub(super) payment: Option<(String, kernel::PaymentId)>,
    /// The last booking.
    pub(super) booking: Option<kernel::BookingId>,
}

/// The youngest basket, payment and booking.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn find(tx: &mut Tx<'_>, (merchant, since): (MerchantId, Id)) -> Result<Found, DbError> {
    let basket = "SELECT token FROM cart WHERE merchant_id = $1 AND id > $2 AND state = 'open' \
         ORDER BY id DESC LIMIT 1";
    let payment = "SELECT page_token, id FROM payment WHERE merchant_id = $1 AND id > $2 \
         AND channel <> 'moto_terminal' ORDER BY id DESC LIMIT 1";
    let booking = "SELECT id FROM booking WHERE merchant_id = $1 AND id > $2 \
         ORDER BY id DESC LIMIT 1";
    let values = params![merchant, since];
    let basket = tx.query_opt(basket, &values)?;
    let payment = tx.query_opt(payment, &values)?;
    let booking = tx.query_opt(booking, &values)?;
    Ok(Found {
        basket: basket.map(|row| row.get("token")).transpose()?,
        payment: payment
            .map(|row| Ok::<_, DbError>((row.get("page_token")?, row.get("id")?)))
            .transpose()?,
        booking: booking.map(|row| row.get("id")).transpose()?,
    })
}
