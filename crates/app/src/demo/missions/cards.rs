//! A PIN and a card that is seen: what the vault tells of it, and how it is done for a visitor.

use axum::http::header::AUTHORIZATION;
use http::client::Call;
use kernel::CardToken;
use serde_json::json;
use vault_wire::{CardGet, PinState, ViewerGet, WireScope};
use web::mail::{self, Channel};

use super::robot::{Robot, Shown, WAIT};
use super::walk::WalkError;
use super::{Run, Sign};
use crate::demo::data::{self, door::IDEMPOTENCY_KEY};
use crate::demo::pages::DemoState;

/// The PIN that is chosen for a visitor; the mission says it.
const PIN: &str = "47120938";
const MOBILE: &str = "06 12 34 56 78";
const BOOKING: &str = "HOP-2026-118";
/// Messages looked through for link and code.
const MESSAGES: u32 = 50;
const CODE_DIGITS: usize = 8;

/// Whether the vault shows that a step was done; other signs are not here.
pub(crate) async fn look_in_vault(state: &DemoState, run: &Run, sign: Sign) -> bool {
    let Some(merchant) = state.keys.merchants.first() else { return false };
    let scope = WireScope::of_house(merchant.id, merchant.shop);
    match (sign, run.card) {
        (Sign::CodeSeen, Some(card)) => {
            let told = state.vault.ask(&scope, &CardGet { card }).await;
            let because = told.ok().and_then(|card| card.security_code.destroyed_because);
            because.as_deref() == Some("viewed")
        }
        (Sign::PinAsked | Sign::PinActive, _) => {
            let Some(owner) = merchant.users.first() else { return false };
            let told = state.vault.ask(&scope, &ViewerGet { user: owner.id }).await;
            let pin = told.map_or(PinState::None, |viewer| viewer.pin);
            match sign {
                Sign::PinAsked => pin != PinState::None,
                _ => matches!(pin, PinState::Active | PinState::Locked),
            }
        }
        _ => false,
    }
}

/// What a mission needs before it begins: a hotel that may keep codes, and a card that a booking
/// site has sent with its code.
///
/// # Errors
/// A sentence for the log.
pub(crate) async fn prepare(state: &DemoState, run: &Run) -> Result<Option<CardToken>, String> {
    if run.card.is_some() || !run.mission.steps.contains(&Sign::CodeSeen) {
        return Ok(run.card);
    }
    let merchant = state.keys.merchants.first().ok_or("no merchant")?;
    let kept = data::cards::keep_codes(&state.ctx, &state.vault, merchant).await;
    kept.map_err(|error| error.to_string())?;
    let body = json!({
        "shop": merchant.shop, "booking": BOOKING,
        "card": { "number": "5207000000000000", "exp_month": 6, "exp_year": 2030,
            "holder": "H. Weber", "security_code": "123" },
        "source": { "channel": "Example OTA", "entry": "feed" },
    });
    let call = Call::post_json(&state.ctx.urls.vault, "/v1/cards", &body, WAIT)
        .with(AUTHORIZATION, format!("Bearer {}", merchant.vault_key))
        .with(IDEMPOTENCY_KEY, format!("mission-{}", run.since.text()));
    let answer = call.send().await.map_err(|error| error.to_string())?;
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let token = told.get("token").and_then(|token| token.as_str());
    let token = token.and_then(|token| token.parse().ok());
    token.map(Some).ok_or_else(|| format!("the vault answered {} to a card", answer.status))
}

impl Robot<'_> {
    fn in_language(&self, path: &str) -> String {
        self.desk_url(&format!("{path}?lang={}", self.locale.code()))
    }

    fn on_phone(&self) -> Shown {
        Shown { payer: Some(self.in_language("/demo/inbox")), desk: None }
    }

    /// Claire asks for her PIN; link and code arrive on her phone.
    pub(super) async fn ask_for_pin(&self) -> Result<Shown, WalkError> {
        let claire = self.staff().await?;
        let page = claire.open(&self.in_language("/parametres/cartes")).await?;
        let mut form = page.form("/parametres/cartes/pin")?;
        form.set("phone", MOBILE);
        claire.submit(&page, &form).await?;
        Ok(self.on_phone().desk(self.in_language("/parametres/cartes")))
    }

    /// Opens the link, types the code, chooses the PIN.
    pub(super) async fn choose_pin(&self) -> Result<Shown, WalkError> {
        let missing = || WalkError::NoForm("/v/p/", "the inbox".to_owned());
        let read = self.state.ctx.db.read(|tx| mail::latest(tx, MESSAGES)).await?;
        let link = read.iter().filter_map(|sent| sent.link.as_ref());
        let link = link.into_iter().find(|link| link.contains("/v/p/")).ok_or_else(missing)?;
        let code = read.iter().filter(|sent| sent.channel == Channel::Sms);
        let code = code.into_iter().find_map(|sent| digits(&sent.text)).ok_or_else(missing)?;
        let page = self.guest.open(link).await?;
        let mut form = page.form("/v/p/")?;
        form.set("code", &code);
        let page = self.guest.submit(&page, &form).await?;
        let mut form = page.form("/v/p/")?;
        form.set("pin", PIN);
        form.set("again", PIN);
        self.guest.submit(&page, &form).await?;
        Ok(self.on_phone().desk(self.card_url()?))
    }

    fn card_url(&self) -> Result<String, WalkError> {
        let missing = || WalkError::NoForm("/voir", "the mission".to_owned());
        Ok(self.in_language(&format!("/cartes/{}", self.card.ok_or_else(missing)?)))
    }

    /// Claire sees number and code. What she saw is not passed on; a second link then stands open
    /// for the visitor, and says that the code is gone.
    pub(super) async fn see_code(&self) -> Result<Shown, WalkError> {
        let claire = self.staff().await?;
        let card = self.card_url()?;
        let page = claire.open(&card).await?;
        let asked = claire.submit(&page, &page.form("/voir")?).await?;
        let mut form = asked.form("/v/r/")?;
        form.set("pin", PIN);
        form.set("show", "code");
        claire.submit(&asked, &form).await?;
        let again = claire.leads_to(&page, &page.form("/voir")?).await?;
        Ok(Shown { payer: Some(again), desk: None }.desk(card))
    }
}

/// The code within a text message.
fn digits(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == CODE_DIGITS).map(str::to_owned)
}
