//! Between the payer's page and the vault's card page: opening it, and taking its result.

use std::net::IpAddr;

use db::{DbError, Tx};
use kernel::{CaptureId, CardToken, Email, Locale, PaymentId, Scope, ShopId};
use vault_wire::{
    AskAgain, CaptureCreate, CaptureRedeem, CardGet, CardStatus, CodePolicy, Display, Keep,
    Purpose, Refused, WireError, WireScope,
};

use super::{AttemptError, CardOffer, Engine, EngineError};
use crate::attempts::store as attempts;
use crate::payment::{Card, KeepCard, Kind, OpState, Payment, Source};

/// What the page that sends the payer there knows.
#[derive(Debug, Clone)]
pub struct CardPage {
    /// Language of the payer.
    pub locale: Locale,
    /// What the card page shows of the sale.
    pub display: Display,
    /// Where it sends the payer back; `capture=cap_…` is added.
    pub return_url: String,
}

/// Why there is no card page, or no result of one.
#[derive(Debug, thiserror::Error)]
pub enum CardPageError {
    /// The payment takes no card now: show its state.
    #[error("the payment takes no card now")]
    NotNow(Box<Payment>),
    /// No such finished capture of this payment.
    #[error("the vault refused: {}", .0.code)]
    Refused(vault_wire::Refused),
    /// The vault does not answer, or has trouble of its own; nothing was debited.
    #[error("the vault does not answer")]
    VaultAway,
    /// The attempt could not be stored.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

impl From<WireError> for CardPageError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Refused(refused) if refused.is_final() => Self::Refused(refused),
            other => {
                tracing::error!(error = %other, "the vault does not answer");
                Self::VaultAway
            }
        }
    }
}

impl From<EngineError> for CardPageError {
    fn from(error: EngineError) -> Self {
        Self::Attempt(error.into())
    }
}

impl From<DbError> for CardPageError {
    fn from(error: DbError) -> Self {
        Self::Attempt(error.into())
    }
}

impl Engine {
    /// Opens the payer's session and a card page for the payment; gives its address.
    ///
    /// # Errors
    /// [`CardPageError`].
    pub async fn start_card_session(
        &self,
        scope: &Scope,
        id: PaymentId,
        page: CardPage,
    ) -> Result<String, CardPageError> {
        let payment = self.open_session(scope, id).await?;
        let over = payment.session_ends.is_some_and(|ends| ends <= self.ctx.now(payment.shop));
        if !payment.may_attempt() || payment.in_flight().is_some() || over {
            return Err(CardPageError::NotNow(Box::new(payment)));
        }
        let question = capture_request(&payment, page);
        let created = self.vault.ask(&WireScope::of(scope, payment.shop), &question).await?;
        Ok(created.url)
    }

    /// Takes the result of a card page and tries the card. Repeating it, from a reload, a double
    /// click or two tabs, gives the payment as it then stands and sends nothing. `from` is the
    /// address of the payer's browser.
    ///
    /// # Errors
    /// [`CardPageError`]: the vault refused or is away, or the attempt could not be stored.
    pub async fn redeem(
        &self,
        scope: &Scope,
        id: PaymentId,
        (capture, from): (CaptureId, Option<IpAddr>),
    ) -> Result<Payment, CardPageError> {
        let owned = scope.clone();
        let used = move |tx: &mut Tx<'_>| attempts::of_capture(tx, &owned, capture);
        let payment = self.payment(scope, id).await?;
        if self.ctx.db.read(used).await?.is_some() || !payment.may_attempt() {
            return Ok(payment);
        }
        let wire = WireScope::of(scope, payment.shop);
        let question = CaptureRedeem { id: capture, payment: Some(id) };
        let redeemed = self.vault.ask(&wire, &question).await?;
        let offer = CardOffer {
            capture: Some(capture),
            email: redeemed.email.as_deref().and_then(|text| text.parse::<Email>().ok()),
            language: Some(redeemed.lang),
            from,
            ..offered(&redeemed.card, redeemed.keep, Source::Page)
        };
        match self.attempt(scope, id, offer).await {
            Ok(payment) => Ok(payment),
            Err(AttemptError::NotNow(payment)) => Ok(*payment),
            Err(AttemptError::Subject(_)) => Ok(self.payment(scope, id).await?),
            Err(error) => Err(error.into()),
        }
    }

    /// A card of the merchant as something to pay with, asked of the vault.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn card(
        &self,
        scope: &Scope,
        shop: ShopId,
        card: CardToken,
    ) -> Result<CardOffer, WireError> {
        let mut found = self.vault.ask(&WireScope::of(scope, shop), &CardGet { card }).await?;
        if let Err(error) = self.with_virtual(scope, shop, &mut found).await {
            tracing::warn!(%error, %card, "window of a card");
        }
        usable(&found)?;
        let keep = if found.single_use { Keep::None } else { Keep::Booking };
        Ok(offered(&found, keep, Source::Api))
    }

    /// The card of a finished capture that was opened for no payment yet.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn captured_card(
        &self,
        scope: &Scope,
        shop: ShopId,
        capture: CaptureId,
    ) -> Result<CardOffer, WireError> {
        let question = CaptureRedeem { id: capture, payment: None };
        let redeemed = self.vault.ask(&WireScope::of(scope, shop), &question).await?;
        let offer = offered(&redeemed.card, redeemed.keep, Source::Api);
        Ok(CardOffer { capture: Some(capture), ..offer })
    }

    /// The bank's page that waits for the payer, if one does.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn challenge_url(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Result<Option<String>, DbError> {
        let owned = scope.clone();
        let latest = move |tx: &mut Tx<'_>| attempts::latest(tx, &owned, id);
        let attempt = self.ctx.db.read(latest).await?;
        let waiting = attempt.filter(|a| a.state == crate::attempts::AttemptState::Challenge);
        Ok(waiting.and_then(|a| a.challenge_url))
    }
}

/// Whether the vault lends the card to a charge; it would refuse when asked to fill it in.
fn usable(card: &vault_wire::Card) -> Result<(), WireError> {
    let (code, why) = match card.status {
        CardStatus::Suspended => ("card_suspended", "The card is blocked at the vault."),
        CardStatus::Expired if !card.card_virtual => {
            ("card_expired", "The card's expiry month is over.")
        }
        _ => return Ok(()),
    };
    Err(WireError::Refused(Refused::new(code, why)))
}

fn capture_request(payment: &Payment, page: CardPage) -> CaptureCreate {
    let (card, ask) = correction(payment);
    CaptureCreate {
        shop: payment.shop,
        purpose: Purpose::Payment,
        payment: Some(payment.id),
        booking: payment.booking,
        customer: payment.customer,
        keep: match payment.keep_card {
            KeepCard::Booking => Keep::Booking,
            KeepCard::None => Keep::None,
        },
        lang: page.locale,
        return_url: page.return_url,
        form_origin: None,
        frame_origin: None,
        card,
        ask,
        code: CodePolicy::Required,
        brands: payment.terms.methods.brands().to_vec(),
        display: page.display,
    }
}

/// The card whose data must be corrected, and which fields, after a refusal that says so.
fn correction(payment: &Payment) -> (Option<CardToken>, Vec<AskAgain>) {
    let asked = payment.last(Kind::Authorise).or_else(|| payment.last(Kind::Authenticate));
    let last = asked.filter(|o| o.state == OpState::Failed);
    let declined = payment.decline.as_ref().filter(|d| d.class == "fix_data");
    let (Some(_), Some(decline), Some(card)) = (last, declined, payment.card.as_ref()) else {
        return (None, Vec::new());
    };
    let ask = match decline.code.as_str() {
        "expired_card" => vec![AskAgain::Expiry, AskAgain::Code],
        "wrong_security_code" | "code_none" => vec![AskAgain::Code],
        _ => vec![AskAgain::Number],
    };
    (Some(card.id), ask)
}

fn offered(card: &vault_wire::Card, keep: Keep, source: Source) -> CardOffer {
    CardOffer {
        card: known(card, keep),
        fingerprint: Some(card.fingerprint.clone()).filter(|text| !text.is_empty()),
        capture: None,
        source,
        code: connectors::CodeUse::WithCode,
        email: None,
        language: None,
        from: None,
    }
}

pub(super) fn known(card: &vault_wire::Card, keep: Keep) -> Card {
    Card {
        id: card.token,
        brand: card.brand.as_str().to_owned(),
        co_brands: card.co_brands.iter().map(|b| b.as_str().to_owned()).collect(),
        preferred_brand: card.preferred_brand.map(|b| b.as_str().to_owned()),
        only: None,
        bin: card.bin.clone(),
        last4: card.last4.clone(),
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        country: card.issuer.country.clone(),
        funding: card.funding.clone(),
        kept: keep == Keep::Booking,
        single_use: card.single_use,
    }
}
