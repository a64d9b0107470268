//! Refusals of this crate in the words of the API. The cause is logged, never shown.

use kernel::{FieldError, Problem};
use ledger::LedgerError;

use crate::engine::{AttemptError, EngineError};
use crate::payment::CreateError;
use crate::payment::save::SaveError;
use crate::subject::SubjectRefusal;

/// What the outside is told when a payment could not be written.
#[must_use]
pub fn of_save(error: &SaveError) -> Problem {
    match error {
        SaveError::Raced => Problem::new(
            409,
            "version_conflict",
            "Somebody else changed the payment at the same moment; look again.",
        ),
        SaveError::Invariant(broken) => {
            tracing::error!(rule = broken.rule, "ALARM: invariant violated, rolled back");
            Problem::new(409, "invariant_violation", "A rule of the money would break.")
                .with("rule", broken.rule)
        }
        SaveError::Db(error) | SaveError::Ledger(LedgerError::Db(error)) => {
            // What may pass is tried again, many times in a rush: no line for each try.
            if !error.may_pass() {
                tracing::error!(%error, "payment not written");
            }
            Problem::from(error)
        }
        other => {
            tracing::error!(error = %other, "payment not written");
            Problem::internal()
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::not_found(),
            EngineError::Save(error) => of_save(&error),
        }
    }
}

/// A live shop takes no payment before it is open.
#[must_use]
pub fn shop_not_open() -> Problem {
    let text = "This live shop is not open for payments yet; its test shop takes test payments.";
    Problem::new(409, "shop_not_open", text)
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::ShopNotOpen => shop_not_open(),
            CreateError::OrderHasLivePayment(first) => Self::new(
                409,
                "order_has_live_payment",
                "This order has a payment that is paid or under way; use that one.",
            )
            .with("payment", first.to_string()),
            CreateError::AmountOutOfRange => Self::field(
                "$.amount",
                "invalid_field",
                "Give an amount from 1 to 999,999,999,999 minor units.",
            ),
            CreateError::AmountBelowMinimum(minimum) => Self::field(
                "$.amount",
                "amount_below_minimum",
                format!("The contract takes payments from {} minor units.", minimum.minor()),
            )
            .with("minimum", minimum.minor()),
            CreateError::CurrencyNotSupported(accepted) => Self::field(
                "$.currency",
                "currency_not_supported",
                format!("The contract takes: {}.", accepted.join(", ")),
            )
            .with("accepted", accepted),
            CreateError::CaptureTooLate => Self::field(
                "$.capture.delay",
                "capture_too_late",
                "A capture may follow at most 365 days later.",
            ),
            CreateError::BeyondValidity => Self::field(
                "$.capture.delay",
                "typology_not_supported",
                "A capture later than the validity of an authorisation is not offered yet.",
            ),
            CreateError::CaptureNotOffered => Self::field(
                "$.capture",
                "capability_missing",
                "The contract debits with the authorisation only; leave out capture, or ask for now.",
            ),
            CreateError::ReasonMissing => Self::field(
                "$.reason",
                "invalid_field",
                "A charge by the merchant says why, for example instalment.",
            ),
            CreateError::BadOrderRef => Self::field(
                "$.order_ref",
                "invalid_field",
                "Give a reference of 1 to 64 characters.",
            ),
            CreateError::Db(error) => of_save(&error.into()),
            CreateError::Invariant(error) => of_save(&error.into()),
        }
    }
}

impl From<AttemptError> for Problem {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::NotFound => Self::not_found(),
            AttemptError::NotNow(payment) => {
                let waits = payment.unknown().is_some() || payment.in_flight().is_some();
                let code = if waits { "result_unknown" } else { "operation_not_allowed" };
                let problem = Self::new(409, code, "The payment takes no card now.");
                crate::engine::at_state(problem, &payment, "takes_no_card")
            }
            AttemptError::NotOffered(minimum) => Self::new(
                422,
                "method_not_available",
                format!("The contract takes cards from {} minor units.", minimum.minor()),
            )
            .with("minimum", minimum.minor()),
            AttemptError::Subject(refusal) => of_subject(&refusal),
            AttemptError::NotTaken(methods) => Self::field(
                "$.card",
                "method_not_available",
                format!("This payment takes: {}.", methods.codes().unwrap_or_default().join(", ")),
            ),
            AttemptError::CardBlocked => Self::field(
                "$.card",
                "card_blocked_by_issuer",
                "The issuer said this card may not be tried again; ask for another one.",
            ),
            AttemptError::CardPaused => Self::new(
                429,
                "too_many_requests",
                "This card was refused too often lately; wait, or take another one.",
            )
            .retry_after(crate::attempts::limits::PAUSE_SECONDS),
            AttemptError::AddressPaused => Self::new(
                429,
                "too_many_requests",
                "Too many cards were refused from this address; wait a quarter of an hour.",
            )
            .retry_after(crate::attempts::limits::PAUSE_SECONDS),
            AttemptError::Virtual(refusal) => refusal.into(),
            AttemptError::ChainMissing => Self::field(
                "$.card",
                "chain_reference_missing",
                "The holder has not yet paid with this card and strong authentication.",
            ),
            AttemptError::Config(text) => {
                tracing::error!(text, "connector configuration");
                Self::internal()
            }
            AttemptError::Save(error) => of_save(&error),
        }
    }
}

fn of_subject(refusal: &SubjectRefusal) -> Problem {
    match refusal {
        SubjectRefusal::HoldLost => {
            Problem::new(409, "hold_lost", "Somebody else has just booked it. Nothing was debited.")
        }
        SubjectRefusal::AmountChanged => {
            Problem::new(409, "amount_changed", "The price changed. Nothing was debited.")
        }
        SubjectRefusal::Replaced => {
            let text = "Another payment of the same thing was opened since. Nothing was debited.";
            Problem::new(409, "operation_not_allowed", text)
        }
        SubjectRefusal::Closed => {
            Problem::new(409, "operation_not_allowed", "This may no longer be paid.")
        }
        SubjectRefusal::Db(error) => Problem::from(error),
        SubjectRefusal::Invariant(_) => Problem::internal(),
    }
}

/// Refusals of the vault that name what the caller sent.
#[must_use]
pub fn of_vault(error: &vault_wire::WireError) -> Problem {
    match error {
        vault_wire::WireError::Refused(refused) => {
            let (status, code) = match refused.code.as_str() {
                "card_unknown" | "not_found" => (422, "card_unknown"),
                "card_terminated" | "gone" => (422, "card_terminated"),
                "card_expired" => (422, "card_expired"),
                "card_suspended" => (409, "card_suspended"),
                "card_not_kept" => (409, "card_not_kept"),
                "card_in_use" => (409, "card_in_use"),
                "precondition_failed" => (412, "precondition_failed"),
                "reason_too_short" => (422, "reason_too_short"),
                "until_too_far" => (422, "until_too_far"),
                "retention_range" => (422, "retention_range"),
                "test_card_required" | "live_card_in_test" => (422, "test_card_required"),
                "return_url_not_registered" => (422, "return_url_not_registered"),
                "form_origin_not_registered" => (422, "form_origin_not_registered"),
                "frame_origin_not_registered" => (422, "frame_origin_not_registered"),
                "pan_in_wrong_field" => (422, "pan_in_wrong_field"),
                "partner_state" => (409, "partner_state"),
                "ip_reserved" => (422, "ip_reserved"),
                "pin_not_set" => (403, "pin_not_set"),
                "pin_locked" => (403, "pin_locked"),
                "pin_blocked" => (403, "pin_blocked"),
                "pin_disabled" => (403, "pin_disabled"),
                "awaiting_approval" => (403, "awaiting_approval"),
                "approval_refused" => (403, "approval_refused"),
                "self_approval" => (403, "self_approval"),
                "link_expired" => (410, "link_expired"),
                "reveal_limit" => (429, "reveal_limit"),
                "outside_hours" => (403, "outside_hours"),
                "network_not_allowed" => (403, "network_not_allowed"),
                "code_taken" => (409, "code_taken"),
                "code_none" => (409, "code_none"),
                "clock_unsafe" => (503, "clock_unsafe"),
                "capture_open" => (409, "capture_open"),
                "capture_closed" => (410, "capture_closed"),
                _ => {
                    tracing::warn!(code = refused.code, "the vault refused");
                    (422, "invalid_field")
                }
            };
            let mut problem = Problem::new(status, code, refused.detail.clone());
            if let Some(seconds) = refused.retry_after_seconds {
                problem = problem.retry_after(seconds);
            }
            if let Some(path) = &refused.path {
                let detail = refused.detail.clone();
                problem = problem.with_error(FieldError::new(path.clone(), code, detail));
            }
            problem
        }
        vault_wire::WireError::Sealed => {
            let text = "The vault is sealed: nothing was done, nothing was debited.";
            Problem::new(503, vault_wire::SEALED, text)
                .retry_after(vault_wire::SEALED_RETRY_SECONDS)
        }
        other => {
            tracing::error!(error = %other, "the vault does not answer");
            Problem::new(503, "vault_unavailable", "Cards cannot be taken at this moment.")
                .retry_after(5)
        }
    }
}
