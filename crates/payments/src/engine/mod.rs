//! The engine: the one place that reaches a provider, and always in four moves.
//!
//! *Intend, commit, call, commit.* An operation is stored as `sent` before the first byte
//! leaves; the answer is applied in a second transaction and only to an operation that still
//! waits for it. No answer makes the operation *unknown*: the bank is asked by reference, on a
//! plan, and the money request is never sent again. What did not leave the house is failed at
//! once, so that "nothing was debited" is true when it is said.
//!
//! **Life of an attempt.** [`attempt`] stores it and loops over the steps a connector names:
//! authenticate, send the payer to his bank, authorise. **Of an operation.** [`desk`] checks the
//! rules, stores it, sends it. **After a crash.** [`recover`] finds what was sent and never
//! answered; [`query`] asks, and [`notify`] hears what a provider tells by itself. **Without a
//! payment.** [`Engine::verify`] checks a kept card with its issuer.
//!
//! **Limits.** One connector account per shop: the simulated bank.

mod absent;
mod admission;
pub mod attempt;
pub mod card_page;
pub mod charge;
pub mod desk;
mod flow;
pub mod handlers;
mod holder;
pub mod learn;
pub mod notify;
mod outgoing;
pub mod query;
pub mod recover;
mod refusals;
pub mod session;
#[cfg(test)]
mod tests;
mod verify;
mod verify_follow;

use std::sync::Arc;

use connectors::{Capabilities, Connector, Settings};
use db::{DbError, Tx};
use kernel::{BookingId, Invariant, Locale, Mode, PaymentId, Scope, ShopId, Timestamp};
use vault_wire::VaultClient;

pub use absent::as_it_can_leave;
pub use admission::is_window_over;
pub use attempt::{AttemptError, CardOffer};
pub use card_page::{CardPage, CardPageError};
pub use charge::{ChargeError, kept_card};
pub use desk::{Ask, DeskError, What};
pub use outgoing::{Dispatch, UNREACHABLE};
pub(crate) use refusals::at_state;
pub use verify::{Asked, Checking, ReadyCard, VerifyAsk, VerifyError};

use crate::checkout::SubjectPage;
use crate::payment::save::{self, Pen, SaveError};
use crate::payment::{Payment, store};
use crate::subject::{Reader, Subject, keeper};

/// Reaches providers for payments. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// Database, clocks, randomness, addresses.
    pub ctx: web::Context,
    /// The vault, which fills cards into requests.
    pub vault: VaultClient,
    /// Who answers for what is paid for.
    pub subjects: Arc<[Arc<dyn Subject>]>,
    /// How long an answer is awaited, when shorter than the connector says (the demo: 3).
    pub answer_seconds: Option<u32>,
    /// With what the simulated bank seals its notifications; without it none is believed.
    notify_key: Option<Arc<str>>,
    /// Where the simulated bank is called; where browsers see it when absent.
    bank_at: Option<Arc<str>>,
}

/// Why the engine could not finish; the operations that left are stored and will be asked about.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No such payment of this merchant and mode.
    #[error("no such payment")]
    NotFound,
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for EngineError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<Invariant> for EngineError {
    fn from(error: Invariant) -> Self {
        Self::Save(error.into())
    }
}

impl Engine {
    /// An engine with the connectors' own time-outs.
    #[must_use]
    pub fn new(ctx: web::Context, vault: VaultClient, subjects: Vec<Arc<dyn Subject>>) -> Self {
        let subjects = subjects.into();
        Self { ctx, vault, subjects, answer_seconds: None, notify_key: None, bank_at: None }
    }

    /// The same engine with a shorter time-out for answers.
    #[must_use]
    pub const fn with_answer_seconds(mut self, seconds: u32) -> Self {
        self.answer_seconds = Some(seconds);
        self
    }

    /// The same engine, which believes notifications sealed with this secret.
    #[must_use]
    pub fn with_notify_key(mut self, key: &str) -> Self {
        self.notify_key = Some(key.into());
        self
    }

    /// The same engine, which calls the simulated bank at this address instead of the one that
    /// browsers see.
    #[must_use]
    pub fn with_bank_at(mut self, address: &str) -> Self {
        self.bank_at = Some(address.into());
        self
    }

    /// What a unit of work writes with, at the shop's time.
    #[must_use]
    pub fn pen<'a>(&'a self, scope: &'a Scope, shop: ShopId) -> Pen<'a> {
        Pen {
            scope,
            now: self.ctx.now(shop),
            real_now: self.ctx.real_now(),
            rng: self.ctx.rng.as_ref(),
            from: "",
            subjects: &self.subjects,
        }
    }

    /// The payment as it stands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or the database failed.
    pub async fn payment(&self, scope: &Scope, id: PaymentId) -> Result<Payment, EngineError> {
        let scope = scope.clone();
        let found = self.ctx.db.read(move |tx| store::find(tx, &scope, id)).await;
        found.map_err(|error: DbError| EngineError::from(error))?.ok_or(EngineError::NotFound)
    }

    /// What pages say of the thing a payment pays for.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn subject_page(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        payment: &Payment,
        locale: Locale,
    ) -> Result<SubjectPage, DbError> {
        let pen = self.pen(scope, payment.shop);
        let reader = Reader { locale, now: pen.now };
        save::subject_of(&pen, payment).map_or_else(
            || Ok(SubjectPage::default()),
            |subject| subject.page(tx, scope, payment, reader),
        )
    }

    /// Whether the merchant has a booking; true where nobody keeps bookings.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn knows_booking(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        booking: BookingId,
    ) -> Result<bool, DbError> {
        keeper(&self.subjects).map_or(Ok(true), |keeper| keeper.knows(tx, scope, booking.id()))
    }

    /// Whether no card is taken from an address now: too many from there were refused.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn is_paused(
        &self,
        scope: &Scope,
        shop: ShopId,
        from: std::net::IpAddr,
    ) -> Result<bool, DbError> {
        let (engine, scope) = (self.clone(), scope.clone());
        let look = move |tx: &mut Tx<'_>| {
            crate::attempts::limits::is_address_paused(tx, &engine.pen(&scope, shop), from)
        };
        self.ctx.db.read(look).await
    }

    /// Origins the payer's browser is sent to during a challenge: of a simulated bank for test
    /// shops only.
    #[must_use]
    pub fn challenge_origins(&self, scope: &Scope) -> Vec<String> {
        if self.is_make_believe(scope) {
            return Vec::new();
        }
        self.connector().browser_origins(&self.settings())
    }

    /// Whether a live shop stands before a bank whose money is simulated: nothing may leave.
    fn is_make_believe(&self, scope: &Scope) -> bool {
        scope.mode() == Mode::Live && self.connector().meta().simulated
    }

    fn connector(&self) -> &'static dyn Connector {
        static SANDBOX: connectors::sandbox::Sandbox = connectors::sandbox::Sandbox;
        &SANDBOX
    }

    fn settings(&self) -> Settings {
        let key = self.notify_key.as_deref().unwrap_or_default();
        let pages = self.ctx.urls.bank.as_str();
        Settings::new([
            (connectors::sandbox::BANK_URL, self.bank_at.as_deref().unwrap_or(pages).to_owned()),
            (connectors::sandbox::BANK_PAGES, pages.to_owned()),
            (connectors::sandbox::NOTIFY_KEY, key.to_owned()),
        ])
    }

    fn capabilities(&self) -> Capabilities {
        self.connector().caps(&self.settings())
    }

    fn learning(&self, now: Timestamp) -> learn::Learning<'_> {
        learn::Learning {
            now,
            real_now: self.ctx.real_now(),
            rng: self.ctx.rng.as_ref(),
            not_found_final_after_seconds: self.capabilities().not_found_final_after_seconds,
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({} subjects)", self.subjects.len())
    }
}
