//! "Faites-le pour moi": a step done as a person does it, by the requests of a browser.

use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use http::client::Call;
use kernel::time::plus_days;
use kernel::{CardToken, Locale, Money, Zone};
use serde_json::json;

use super::store::{self, Found};
use super::walk::{Page, WalkError, Walker};
use super::{Run, Sign};
use crate::demo::MerchantKeys;
use crate::demo::data::door::IDEMPOTENCY_KEY;
use crate::demo::pages::DemoState;

pub(super) const WAIT: Duration = Duration::from_secs(20);
/// Pages between a basket and a receipt, at most.
const MAX_PAGES: usize = 8;
/// Days from today to the arrival, and nights.
const STAY: (i64, i64) = (12, 2);

/// Whom the receipts go to.
const GUEST_EMAIL: &str = "marc@exemple.fr";
/// Asks its holder a question at the bank.
const ASKS: &str = "4970 1001 0000 1003";
/// Has no money.
const NO_FUNDS: &str = "4970 1001 0000 0518";
/// Is accepted without a question.
const CALM: &str = "4970 1001 0000 0005";

/// What the two frames show after a step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// The payer's.
    pub(crate) payer: Option<String>,
    /// The staff's.
    pub(crate) desk: Option<String>,
}

impl Shown {
    fn payer(page: Page) -> Self {
        Self { payer: Some(page.url), desk: None }
    }

    pub(super) fn desk(self, url: impl Into<String>) -> Self {
        Self { desk: Some(url.into()), ..self }
    }
}

/// How a card page and what follows are answered.
struct Card {
    number: &'static str,
    keep: Keep,
    /// What is pressed at the bank: `approve` or `cancel`.
    choice: &'static str,
}

#[derive(PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

/// Does the step that a mission is at; nothing when it is over.
///
/// # Errors
/// A sentence for the log.
pub(crate) async fn step(state: &DemoState, run: &Run, locale: Locale) -> Result<Shown, String> {
    let Some(sign) = run.awaits() else { return Ok(Shown::default()) };
    let merchant = state.keys.merchants.first().ok_or("no merchant")?.clone();
    let (id, since) = (merchant.id, run.since);
    let read = move |tx: &mut db::Tx<'_>| store::find(tx, (id, since));
    let found = state.ctx.db.read(read).await.map_err(|error: db::DbError| error.to_string())?;
    let app = state.ctx.urls.app.clone();
    let guest = Walker { cookie: String::new(), app };
    let robot = Robot { state, merchant, found, locale, guest, card: run.card };
    robot.act(sign).await.map_err(|error| error.to_string())
}

/// Who does a step, and what he knows.
pub(super) struct Robot<'a> {
    pub(super) state: &'a DemoState,
    pub(super) merchant: MerchantKeys,
    found: Found,
    pub(super) locale: Locale,
    pub(super) guest: Walker,
    /// The card that came with the mission.
    pub(super) card: Option<CardToken>,
}

impl Robot<'_> {
    async fn act(&self, sign: Sign) -> Result<Shown, WalkError> {
        let asks = Card { number: ASKS, keep: Keep::Yes, choice: "approve" };
        match sign {
            Sign::Basket => Ok(Shown::payer(self.choose().await?)),
            Sign::Payment => Ok(Shown::payer(self.to_card_page().await?)),
            Sign::Booked => {
                let page = self.to_card_page().await?;
                let receipt = self.pay(page, &asks).await?;
                Ok(Shown::payer(receipt).desk(self.desk_url("/reservations")))
            }
            Sign::Balance => self.charge_balance().await,
            Sign::Refused => {
                let card = Card { number: NO_FUNDS, keep: Keep::No, choice: "approve" };
                self.pay_with(&card).await
            }
            Sign::LeftBank => {
                let card = Card { number: ASKS, keep: Keep::No, choice: "cancel" };
                self.pay_with(&card).await
            }
            Sign::Settled => {
                self.order_fault("silence").await?;
                let card = Card { number: CALM, keep: Keep::No, choice: "approve" };
                self.pay_with(&card).await
            }
            Sign::ToldTwice => {
                self.order_fault("double_notification").await?;
                let page = self.pay_basket(self.choose().await?).await?;
                let card = Card { number: CALM, keep: Keep::No, choice: "approve" };
                let receipt = self.pay(page, &card).await?;
                Ok(Shown::payer(receipt).desk(self.desk_url("/caisse")))
            }
            Sign::ByApi => self.pay_by_api().await,
            Sign::ApiPaid => {
                let page = self.payment_page().await?;
                let card = Card { number: CALM, keep: Keep::No, choice: "approve" };
                let receipt = self.pay(page, &card).await?;
                Ok(Shown::payer(receipt).desk(self.desk_url("/demo/events")))
            }
            Sign::Refunded => self.refund().await,
            Sign::PinAsked => self.ask_for_pin().await,
            Sign::PinActive => self.choose_pin().await,
            Sign::CodeSeen => self.see_code().await,
        }
    }

    async fn pay_with(&self, card: &Card) -> Result<Shown, WalkError> {
        let page = self.to_card_page().await?;
        let page = self.pay(page, card).await?;
        Ok(Shown::payer(page).desk(self.desk_url("/caisse")))
    }

    pub(super) fn desk_url(&self, path: &str) -> String {
        format!("{}{path}", self.guest.app)
    }

    /// Searches two nights and takes the first room offered.
    async fn choose(&self) -> Result<Page, WalkError> {
        let today = Zone::paris().date(self.state.ctx.now(self.merchant.shop));
        let (ahead, nights) = STAY;
        let arrival = plus_days(today, ahead);
        let departure = plus_days(arrival, nights);
        let (app, slug, lang) = (&self.guest.app, &self.merchant.slug, self.locale.code());
        let search = format!(
            "{app}/s/{slug}?lang={lang}&search=1&arrival={arrival}&departure={departure}&g_adult=2"
        );
        let offers = self.guest.open(&search).await?;
        self.guest.submit(&offers, &offers.form("/panier")?).await
    }

    /// From wherever the visitor stands to the vault's card page.
    async fn to_card_page(&self) -> Result<Page, WalkError> {
        if let Some(page) = self.open_payment().await? {
            return Ok(page);
        }
        let basket = match &self.found.basket {
            Some(token) => {
                let (app, slug, lang) = (&self.guest.app, &self.merchant.slug, self.locale.code());
                self.guest.open(&format!("{app}/s/{slug}/panier/{token}?lang={lang}")).await?
            }
            None => self.choose().await?,
        };
        self.pay_basket(basket).await
    }

    /// From a basket to the vault's card page.
    async fn pay_basket(&self, basket: Page) -> Result<Page, WalkError> {
        let basket = match basket.form("/contact") {
            Ok(mut contact) => {
                let person = [
                    ("first_name", "Marc"),
                    ("last_name", "Exemple"),
                    ("email", GUEST_EMAIL),
                    ("phone", "06 12 34 56 78"),
                ];
                for (name, value) in person {
                    contact.set(name, value);
                }
                self.guest.submit(&basket, &contact).await?
            }
            Err(_) => basket,
        };
        self.guest.submit(&basket, &basket.form("/payer")?).await
    }

    /// The card page of a payment that still wants a card.
    async fn open_payment(&self) -> Result<Option<Page>, WalkError> {
        let Some((token, _)) = &self.found.payment else { return Ok(None) };
        let page = self.guest.open(&format!("{}/p/{token}/carte", self.guest.app)).await?;
        let takes_a_card = page.is_at(&self.state.ctx.urls.vault, "/v/c/");
        Ok(takes_a_card.then_some(page))
    }

    async fn payment_page(&self) -> Result<Page, WalkError> {
        let page = self.open_payment().await?;
        page.ok_or_else(|| WalkError::NoForm("/v/c/", "the payment's page".to_owned()))
    }

    /// Fills the card page, answers the bank, and gives the page where it ends.
    async fn pay(&self, mut page: Page, card: &Card) -> Result<Page, WalkError> {
        let urls = &self.state.ctx.urls;
        for _ in 0..MAX_PAGES {
            let form = if page.is_at(&urls.vault, "/v/c/") {
                filled(&page, card)?
            } else if page.is_at(&urls.bank, "/3ds/") {
                let mut form = page.form("/3ds/")?;
                form.set("choice", card.choice);
                form
            } else if page.is_at(&urls.app, "/p/") && page.form("/3ds/").is_ok() {
                page.form("/3ds/")?
            } else {
                break;
            };
            page = self.guest.submit(&page, &form).await?;
        }
        Ok(page)
    }

    /// Charges the balance on the kept card, as Claire does.
    async fn charge_balance(&self) -> Result<Shown, WalkError> {
        let booking = self.found.booking.map(|id| id.to_string()).unwrap_or_default();
        let claire = self.staff().await?;
        let ask = claire.open(&self.desk_url(&format!("/reservations/{booking}/solde"))).await?;
        let mut form = ask.form("/solde")?;
        let typed = form.fields.iter().find(|(name, _)| name == "amount");
        if let Some((_, amount)) = typed.cloned() {
            // A large amount is typed twice.
            form.set("again", &amount);
        }
        let done = claire.submit(&ask, &form).await?;
        match done.url.split('?').next().is_some_and(|page| page.ends_with("/solde")) {
            true => Err(WalkError::Refused(done.url, 422)),
            false => Ok(Shown::default().desk(done.url)),
        }
    }

    /// Gives back all of the payment, as Claire does.
    async fn refund(&self) -> Result<Shown, WalkError> {
        let payment = self.found.payment.as_ref().map(|(_, id)| id.to_string()).unwrap_or_default();
        let claire = self.staff().await?;
        let ask = claire.open(&self.desk_url(&format!("/caisse/{payment}/rembourser"))).await?;
        let mut form = ask.form("/rembourser")?;
        form.set("amount", &payments::desk::words::typed(self.locale, Money::eur(API_CENTS)));
        let done = claire.submit(&ask, &form).await?;
        Ok(Shown::default().desk(done.url))
    }

    /// The owner's session.
    pub(super) async fn staff(&self) -> Result<Walker, WalkError> {
        let owner = self.merchant.users.first().map(|user| user.email.clone()).unwrap_or_default();
        let cookie = identity::sessions::pages::open_in_demo(&self.state.ctx, &owner).await;
        let cookie = cookie.map_err(|_| WalkError::Refused("the owner's session".into(), 403))?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Walker { cookie, app: self.guest.app.clone() })
    }

    /// What the `curl` on the page does.
    async fn pay_by_api(&self) -> Result<Shown, WalkError> {
        let body = api_payment(&self.merchant, &self.state.ctx.new_token());
        let call = Call::post_json(&self.guest.app, "/v1/payments", &body, WAIT)
            .with(AUTHORIZATION, format!("Bearer {}", self.merchant.api_key))
            .with(IDEMPOTENCY_KEY, self.state.ctx.new_token());
        let url = format!("{}/v1/payments", self.guest.app);
        let answer = call.send().await.map_err(|error| WalkError::NoPage(url.clone(), error))?;
        if answer.status != 201 {
            return Err(WalkError::Refused(url, answer.status));
        }
        let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let page = told.get("page_url").and_then(|page| page.as_str()).map(str::to_owned);
        Ok(Shown { payer: page, desk: Some(self.desk_url("/demo/events")) })
    }

    async fn order_fault(&self, word: &str) -> Result<(), WalkError> {
        let bank = &self.state.ctx.urls.bank;
        let call = Call::post_json(bank, "/api/fault", &json!({ "next": word }), WAIT);
        let failed = |error| WalkError::NoPage(bank.clone(), error);
        call.send().await.map(drop).map_err(failed)
    }
}

/// What a program asks for and staff give back, in minor units.
const API_CENTS: i64 = 4_200;

/// The body of the payment that a program asks for.
#[must_use]
pub(crate) fn api_payment(merchant: &MerchantKeys, order: &str) -> serde_json::Value {
    json!({
        "shop": merchant.shop, "point_of_sale": merchant.point_of_sale,
        "amount": API_CENTS, "currency": "EUR", "order_ref": format!("API-{order}"),
    })
}

fn filled(page: &Page, card: &Card) -> Result<super::forms::Form, WalkError> {
    let mut form = page.form("/v/c/")?;
    let has = |name: &str| form.fields.iter().any(|(known, _)| known == name);
    let asked = [
        ("number", card.number),
        ("exp", "03/29"),
        ("code", "123"),
        ("holder", "Marc Exemple"),
        ("email", GUEST_EMAIL),
    ];
    let asked: Vec<_> = asked.into_iter().filter(|(name, _)| has(name)).collect();
    for (name, value) in asked {
        form.set(name, value);
    }
    if card.keep == Keep::Yes && page.text.contains("name=\"save\"") {
        form.set("save", "1");
    }
    Ok(form)
}
