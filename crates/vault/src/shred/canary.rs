//! One canary card: what it is, how it enters, how it ends.

use kernel::rng::OsRng;
use kernel::{BookingId, CardToken, Locale, Rng, UserId};
use serde_json::{Value, json};
use vault_wire::{
    CaptureCreate, CaptureRedeem, CodePolicy, Display, Keep, LinkCreate, Purpose, Refused,
    RelayCall, ViewerConfirm, ViewerEnrol,
};
use zeroize::Zeroizing;

use super::drill::Drill;
use crate::edge::Heard;

/// Numbers for tests of load and destruction; no card has them.
const FAMILY: &str = "999999";
const DIGITS: usize = 16;
const FORM: &str = "content-type: application/x-www-form-urlencoded";
/// What a browser sends with the page that a person opens.
const BROWSER: [&str; 2] = ["sec-fetch-dest: document", "user-agent: guichet-drill"];
/// A drawn PIN that is easily guessed is refused: then another one is drawn.
const PIN_TRIES: usize = 20;

/// What happens to a canary before it is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Seen,
    Approved,
    Declined,
    Deleted,
    Forgotten,
}

impl Life {
    pub(super) const ALL: [Self; 5] =
        [Self::Seen, Self::Approved, Self::Declined, Self::Deleted, Self::Forgotten];
}

/// The person who sees canaries.
pub(super) struct Seer {
    pub(super) user: UserId,
    pin: Zeroizing<String>,
}

/// A step of the drill that did not go as it must.
pub(super) type Step<T> = Result<T, String>;

fn refused(what: &str) -> impl Fn(Refused) -> String {
    move |refused| format!("{what}: {}", refused.code)
}

fn expect(heard: Heard, status: u16, what: &str) -> Step<Heard> {
    if heard.status == status { Ok(heard) } else { Err(format!("{what}: status {}", heard.status)) }
}

/// The key of a page, which serves once.
fn page_key(heard: &Heard) -> Step<String> {
    let (_, rest) = heard.body.split_once("name=\"key\" value=\"").ok_or("a page has no key")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

fn digits(count: usize) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(DIGITS));
    while text.len() < count {
        let mut byte = [0];
        OsRng.fill(&mut byte);
        // The first 250 values: each digit is as likely as any other.
        if let [value @ ..250] = byte {
            text.push(char::from(b'0' + value % 10));
        }
    }
    text
}

/// A number of the family with its check digit.
pub(super) fn number() -> Zeroizing<String> {
    let mut number = Zeroizing::new(String::with_capacity(DIGITS));
    number.push_str(FAMILY);
    number.push_str(&digits(DIGITS - FAMILY.len() - 1));
    for check in '0'..='9' {
        number.push(check);
        let values = Zeroizing::new(number.bytes().map(|b| b & 0x0f).collect::<Vec<u8>>());
        if kernel::card_text::luhn_valid(&values) {
            break;
        }
        number.pop();
    }
    number
}

impl Drill<'_> {
    async fn ask(&self, line: String, headers: &[&str], body: &str) -> Step<Heard> {
        let headers: Vec<String> = headers.iter().map(|&line| line.to_owned()).collect();
        self.door.ask(&line, &headers, body).await.map_err(|error| error.to_string())
    }

    fn path<'u>(&self, url: &'u str) -> &'u str {
        url.strip_prefix(self.core.public_url.as_str()).unwrap_or(url)
    }

    /// By the vault's API.
    pub(super) async fn enter_by_api(&self, number: &str, name: &str) -> Step<CardToken> {
        let body = Zeroizing::new(
            json!({
                "shop": self.scope.shop, "booking": name, "customer": null,
                "card": { "number": number, "exp_month": 12, "exp_year": self.year,
                    "holder": "Canari", "security_code": &*digits(3) },
                "virtual": null, "three_ds": null, "source": null,
            })
            .to_string(),
        );
        let bearer = Zeroizing::new(format!("authorization: Bearer {}", *self.key));
        let name = format!("idempotency-key: {name}");
        let heard = self.ask("POST /v1/cards".into(), &[&bearer, &name], &body).await?;
        let card: Value = serde_json::from_str(&expect(heard, 201, "adding a card")?.body)
            .map_err(|error| error.to_string())?;
        let token = card.get("token").and_then(Value::as_str).unwrap_or_default();
        token.parse().map_err(|_| "the answer has no token".to_owned())
    }

    /// By the card page.
    pub(super) async fn enter_by_page(&self, number: &str) -> Step<CardToken> {
        let request = CaptureCreate {
            shop: self.scope.shop,
            purpose: Purpose::Payment,
            payment: None,
            booking: Some(BookingId::random(&OsRng)),
            customer: None,
            keep: Keep::Booking,
            lang: Locale::Fr,
            return_url: format!("{}/", self.core.captures.app_origin()),
            form_origin: None,
            frame_origin: None,
            card: None,
            ask: Vec::new(),
            code: CodePolicy::Required,
            brands: Vec::new(),
            display: Display { merchant: "Canari".into(), ..Display::default() },
        };
        let made = self.core.captures.create(&self.scope, request).await;
        let made = made.map_err(refused("opening a card page"))?;
        let path = self.path(&made.url);
        let year = self.year % 100;
        let code = digits(3);
        let form = format!("number={number}&exp=12/{year:02}&code={}&holder=Canari&brand=", *code);
        let form = Zeroizing::new(form);
        let heard = self.ask(format!("POST {path}"), &[FORM], &form).await?;
        let heard = expect(heard, 303, "sending a card page")?;
        let (_, id) = heard.header("location").split_once("capture=").unwrap_or_default();
        let id = id.parse().map_err(|_| "a card page led nowhere".to_owned())?;
        let redeemed =
            self.core.captures.redeem(&self.scope, CaptureRedeem { id, payment: None }).await;
        Ok(redeemed.map_err(refused("redeeming a card page"))?.card.token)
    }

    /// Makes a person with a PIN, whom another has vouched for.
    pub(super) async fn seer(&self) -> Step<Seer> {
        let (viewers, user) = (&self.core.viewers, UserId::random(&OsRng));
        let enrol = ViewerEnrol {
            user,
            name: "Exercice".into(),
            email: "exercice@invalid.example".into(),
            phone: "+33612345678".into(),
            lang: Locale::Fr,
            avoid: Vec::new(),
            return_url: None,
            owners: Vec::new(),
        };
        viewers.enrol(&self.scope, enrol).await.map_err(refused("enrolling"))?;
        let letters = viewers.messages(&self.scope).await.map_err(refused("enrolling"))?.messages;
        let link = letters.iter().rev().find_map(|letter| letter.link.clone());
        let link = link.ok_or("an enrolment without a link")?;
        let sms = letters.iter().rev().find(|letter| letter.sms);
        let code = sms.map(|sms| sms.text.chars().filter(char::is_ascii_digit).collect::<String>());
        let ids = letters.iter().map(|letter| letter.id).collect();
        let forget = vault_wire::MessagesDone { ids };
        viewers.messages_done(&self.scope, forget).await.map_err(refused("enrolling"))?;
        let line = format!("POST {}", self.path(&link));
        let code = format!("code={}", code.ok_or("an enrolment without a code")?);
        let mut page = expect(self.ask(line.clone(), &[FORM], &code).await?, 200, "a code")?;
        for _ in 0..PIN_TRIES {
            let (key, pin) = (page_key(&page)?, digits(8));
            let form = Zeroizing::new(format!("key={key}&pin={}&again={}", *pin, *pin));
            page = self.ask(line.clone(), &[FORM], &form).await?;
            if page.status == 200 {
                let vouched = ViewerConfirm { user: user.to_string(), recovery: None };
                viewers.confirm(&self.scope, vouched).await.map_err(refused("vouching"))?;
                return Ok(Seer { user, pin });
            }
        }
        Err("no PIN was taken".into())
    }

    /// Lives one life of a canary.
    pub(super) async fn live(
        &self,
        (life, card, number): (Life, CardToken, &str),
        seer: &Seer,
    ) -> Step<()> {
        match life {
            Life::Forgotten => Ok(()),
            Life::Seen => self.see(card, number, seer).await,
            Life::Approved => self.charge(card, "approved").await,
            Life::Declined => self.charge(card, "declined").await,
            Life::Deleted => {
                let deleted = self.core.delete(&self.scope, card).await;
                deleted.map(|_| ()).map_err(refused("deleting"))
            }
        }
    }

    async fn see(&self, card: CardToken, number: &str, seer: &Seer) -> Step<()> {
        let wish = LinkCreate {
            card,
            user: seer.user,
            purpose: "other".into(),
            frame_origin: None,
            client_ip: None,
            lang: Locale::Fr,
            return_url: None,
        };
        let made = self.core.reveals.create(&self.scope, wish).await;
        let made = made.map_err(refused("making a link"))?;
        let path = self.path(&made.url);
        let page = self.ask(format!("GET {path}"), &BROWSER, "").await?;
        let key = page_key(&expect(page, 200, "opening a link")?)?;
        let form = Zeroizing::new(format!("key={key}&pin={}&show=code", *seer.pin));
        let headers: Vec<&str> = BROWSER.into_iter().chain([FORM]).collect();
        let shown = self.ask(format!("POST {path}"), &headers, &form).await?;
        let shown = expect(shown, 200, "showing a card")?;
        // The page writes the number in groups.
        let tail = number.get(DIGITS - 4..).unwrap_or_default();
        let first = number.get(..4).unwrap_or_default();
        let seen = shown.body.contains(&format!("{first} ")) && shown.body.contains(tail);
        if seen { Ok(()) } else { Err("the page did not show the number".into()) }
    }

    async fn charge(&self, card: CardToken, outcome: &str) -> Step<()> {
        let args = json!({
            "ref": outcome, "amount": 100, "currency": "EUR", "initiator": "payer",
            "chain": "", "authentication": "", "capture": "now",
        });
        let call = RelayCall {
            template: "sandbox.authorise".into(),
            card,
            args: serde_json::from_value(args).map_err(|error| error.to_string())?,
            use_code: true,
            code_follows: false,
            idempotency: outcome.into(),
        };
        let called = self.relay.call(&self.scope, call).await.map_err(refused("charging"))?;
        let gone = called.code == vault_wire::RelayCode::Destroyed;
        if gone { Ok(()) } else { Err("a charge left the code".into()) }
    }
}
