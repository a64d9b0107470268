//! What the basket page shows.

use askama::Template;
use db::Tx;
use http::{Page, Words};
use kernel::{Locale, Money, Timestamp, Zone, format};
use web::{Context, Form};

use crate::bookings::{Booking, letters, store as booking_store};
use crate::carts::error::CartError;
use crate::carts::model::{Asked, Typology};
use crate::carts::ops as cart_ops;
use crate::carts::{Cart, CartState};
use crate::holds::HoldError;
use crate::holds::ops::why_not_prolong;
use crate::holds::{Hold, store as hold_store};
use crate::lodging::{AgeBracket, store as lodging_store};
use crate::moment::Moment;
use crate::site::pages::Site;
use crate::stays::view::{self, LineView};

/// Everything known of a basket.
pub(super) struct Known {
    pub(super) cart: Cart,
    /// With the prices of now, when nothing is held.
    pub(super) priced: Option<Cart>,
    pub(super) booking: Option<Booking>,
    pub(super) live: Option<Hold>,
    pub(super) was_held: bool,
    pub(super) why_not_prolong: Option<HoldError>,
    pub(super) brackets: Vec<AgeBracket>,
    pub(super) taxes: Vec<String>,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
}

impl Known {
    /// Reads it.
    pub(super) fn read(
        tx: &mut Tx,
        site: &Site,
        id: kernel::CartId,
        moment: Moment,
    ) -> Result<Option<Self>, CartError> {
        let scope = &site.scope;
        let Some(cart) = crate::carts::store::find(tx, scope, id)? else { return Ok(None) };
        if cart.shop != site.shop {
            return Ok(None);
        }
        let live = cart_ops::live_hold(tx, scope, &cart, moment)?;
        let why_not = match &live {
            Some(hold) => why_not_prolong(tx, scope, hold, moment.now)?,
            None => None,
        };
        let booking = match (cart.state, cart.booking) {
            (CartState::Ordered, Some(booking)) => booking_store::find(tx, scope, booking)?,
            _ => None,
        };
        let priced = match (&live, &booking) {
            (None, None) => cart_ops::priced_again(tx, scope, &cart)?,
            _ => None,
        };
        let mut taxes = Vec::new();
        for line in &cart.lines {
            if let Some(lodging) = lodging_store::find(tx, scope, line.lodging)? {
                let text = lodging.tourist_tax.get(site.words.locale()).to_owned();
                if !text.is_empty() && !taxes.contains(&text) {
                    taxes.push(text);
                }
            }
        }
        Ok(Some(Self {
            was_held: hold_store::of_cart(tx, scope, id)?.is_some(),
            brackets: lodging_store::brackets(tx, scope)?,
            zone: letters::zone(tx, scope)?,
            now: moment.now,
            why_not_prolong: why_not,
            cart,
            priced,
            booking,
            live,
            taxes,
        }))
    }
}

/// A message above the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) text: String,
}

/// The clock of the hold.
pub(super) struct Clock {
    until: String,
    now: String,
    words: String,
    prolong: bool,
    why_not: String,
}

/// A button that leads to the payment.
pub(super) struct PayButton {
    label: String,
    what: String,
    amount: String,
    typology: &'static str,
    accept: String,
}

#[derive(Template)]
#[template(path = "stays/templates/basket.html")]
pub(super) struct BasketPage {
    page: Page,
    lines: Vec<LineView>,
    total: String,
    deposit: String,
    rest: String,
    taxes: Vec<String>,
    form: Option<Form>,
    contact: Vec<String>,
    notice: Option<Notice>,
    clock: Option<Clock>,
    pay: Vec<PayButton>,
    links: Links,
    property: Vec<String>,
    legal: String,
}

/// Addresses of the basket.
pub(super) struct Links {
    pub(super) save: String,
    pub(super) pay: String,
    pub(super) prolong: String,
    pub(super) edit: String,
    pub(super) back: String,
}

impl Links {
    pub(super) fn new(site: &Site, token: &str) -> Self {
        let of = |rest: &str| site.href(&format!("/panier/{token}{rest}"));
        Self {
            save: of("/contact"),
            pay: of("/payer"),
            prolong: of("/prolonger"),
            edit: of("?modifier=1"),
            back: site.href(""),
        }
    }
}

/// What is added to the page for one answer.
#[derive(Default)]
pub(super) struct Extra {
    pub(super) notice: Option<Notice>,
    pub(super) form: Option<Form>,
    /// The price of now is another than the basket's: it is shown, and accepted with the button.
    pub(super) price_changed: bool,
}

/// The basket page.
pub(super) fn basket(
    ctx: &Context,
    site: &Site,
    known: &Known,
    extra: Extra,
) -> Result<BasketPage, CartError> {
    let words = &site.words;
    let locale = words.locale();
    let priced = known.priced.as_ref().filter(|_| extra.price_changed);
    let cart = priced.unwrap_or(&known.cart);
    let accept = priced.map(Cart::total).transpose()?;
    let (total, deposit) = (cart.total()?, cart.deposit()?);
    let (asked, what) = cart.asked_now(Typology::DepositBalance)?;
    let editing = extra.form.is_some() || cart.contact.is_none();
    let title = if editing { "stay-contact-title" } else { "stay-basket-title" };
    let here = format!("/s/{}/panier/{}", site.merchant.slug, cart.token);
    let page = if editing {
        site.page(ctx, words.say(title), &format!("{here}/contact")).keeping("contact")
    } else {
        site.page(ctx, words.say(title), &here)
    };
    let faulty = extra.form.as_ref().is_some_and(|form| !form.is_right());
    let form = if editing { Some(extra.form.unwrap_or_default()) } else { None };
    let over = !editing && known.live.is_none() && known.was_held && extra.notice.is_none();
    let notice = if over {
        let text = words.say("stay-hold-over");
        Some(Notice { tone: "warn", icon: "clock", text })
    } else {
        extra.notice
    };
    let has_deposit = what == Asked::Deposit;
    let rest = total.minus(deposit)?;
    Ok(BasketPage {
        page: if faulty { page.faulty() } else { page },
        lines: cart.lines.iter().map(|line| view::line(words, line, &known.brackets)).collect(),
        total: format::money(total, locale),
        deposit: if has_deposit { format::money(asked, locale) } else { String::new() },
        rest: if has_deposit { format::money(rest, locale) } else { String::new() },
        taxes: known.taxes.clone(),
        contact: if form.is_none() { contact(cart) } else { Vec::new() },
        notice,
        clock: clock(words, known),
        pay: if form.is_none() { buttons(words, cart, accept)? } else { Vec::new() },
        links: Links::new(site, &cart.token),
        property: site.contact(),
        legal: words.say(if total.is_zero() { "stay-legal-free" } else { "stay-legal" }),
        form,
    })
}

fn contact(cart: &Cart) -> Vec<String> {
    let Some(contact) = &cart.contact else { return Vec::new() };
    let lines = [contact.full_name(), contact.email.to_string(), contact.phone.clone()];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

fn clock(words: &Words, known: &Known) -> Option<Clock> {
    let hold = known.live.as_ref()?;
    let time = format::time(hold.expires_at, &known.zone);
    let why_not = match &known.why_not_prolong {
        None => String::new(),
        Some(HoldError::ProlongedAlready) => words.say("stay-prolonged-already"),
        Some(HoldError::OthersWait) => words.say("stay-others-wait"),
        Some(_) => words.say("stay-prolong-limit"),
    };
    Some(Clock {
        until: hold.expires_at.to_string(),
        now: known.now.to_string(),
        words: words.with("stay-held-until", &[("time", &time)]),
        prolong: known.why_not_prolong.is_none(),
        why_not,
    })
}

/// The ways to pay; a new price that is to be accepted goes with each.
fn buttons(words: &Words, cart: &Cart, accept: Option<Money>) -> Result<Vec<PayButton>, CartError> {
    let locale: Locale = words.locale();
    let accept = accept.map_or_else(String::new, |price| price.minor().to_string());
    let total = format::money(cart.total()?, locale);
    let whole = |label: String| PayButton {
        label,
        what: words.say("stay-total"),
        amount: total.clone(),
        typology: "full",
        accept: accept.clone(),
    };
    if cart.total()?.is_zero() {
        return Ok(vec![whole(words.say("stay-confirm"))]);
    }
    let proceed = words.say("stay-proceed");
    let (amount, asked) = cart.asked_now(Typology::DepositBalance)?;
    if asked == Asked::Everything {
        return Ok(vec![whole(proceed)]);
    }
    let deposit = PayButton {
        label: proceed,
        what: words.say("stay-deposit-short"),
        amount: format::money(amount, locale),
        typology: "deposit_balance",
        accept: accept.clone(),
    };
    Ok(vec![deposit, whole(words.with("stay-pay-all", &[("amount", &total)]))])
}

/// The confirmation of a booking, printable.
#[derive(Template)]
#[template(path = "stays/templates/booked.html")]
pub(super) struct BookedPage {
    page: Page,
    number: String,
    lines: Vec<LineView>,
    total: String,
    calendar: String,
    property: Vec<String>,
    text: String,
    taxes: Vec<String>,
}

/// The confirmation page.
pub(super) fn booked(ctx: &Context, site: &Site, known: &Known, booking: &Booking) -> BookedPage {
    let words = &site.words;
    let token = &known.cart.token;
    let title = words.say("stay-booked-title");
    let here = format!("/s/{}/panier/{token}", site.merchant.slug);
    let name = booking.contact.full_name();
    BookedPage {
        page: site.page(ctx, title, &here),
        number: booking.number.clone(),
        lines: booking.lines.iter().map(|l| view::line(words, l, &known.brackets)).collect(),
        total: format::money(booking.total, words.locale()),
        calendar: site.href(&format!("/panier/{token}/sejour.ics")),
        property: site.contact(),
        text: words.with("stay-booked-text", &[("name", &name)]),
        taxes: known.taxes.clone(),
    }
}
