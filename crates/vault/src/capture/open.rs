//! Opening a card page, showing it, and exchanging its result.

use std::sync::Arc;

use aws_lc_rs::digest;
use db::{DbError, Route};
use http::words::Catalogue;
use kernel::card_text::holds_card_number;
use kernel::{CaptureId, Clock, Id, Locale, MerchantId, Rng, Timestamp};
use tokio::sync::Mutex;
use vault_wire::{
    CaptureCreate, CaptureCreated, CaptureRedeem, CodePolicy, Keep, Purpose, Redeemed, Refused,
    WireScope,
};

use super::drafts::{Draft, Drafts};
use super::form::{draft_of, possible_brands};
use super::store::{self, CaptureRow, CaptureState};
use super::texts::{CardPage, ClosedPage, Kept, Masked, PageAnswer, Step};
use crate::card::{self, FieldFault, KeepError, Keeper, Pan};
use crate::core::codes::{Codes, Moment};
use crate::origin::Origin;
use crate::shop::{Shop, Shops, look};

/// How long a page stays open.
const OPEN_MINUTES: i64 = 60;
const MAX_LINES: usize = 20;
const MAX_TEXT_CHARACTERS: usize = 300;
/// Submissions of one page run one after the other; pages share this many queues.
const QUEUES: usize = 64;

/// All card pages.
pub(crate) struct Captures {
    pub(super) keeper: Arc<Keeper>,
    pub(super) shops: Arc<Shops>,
    pub(super) codes: Arc<Codes>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) drafts: Drafts,
    pub(super) words: Catalogue,
    queues: Vec<Mutex<()>>,
    public_url: String,
    app: Origin,
}

impl Captures {
    /// Origin of the app.
    pub(crate) fn app_origin(&self) -> String {
        self.app.text()
    }

    /// The pages under `public_url`, whose forms lead back to `app`.
    pub(crate) fn new(
        keeper: Arc<Keeper>,
        shops: Arc<Shops>,
        codes: Arc<Codes>,
        clock: Arc<dyn Clock>,
        world: (String, Origin, Catalogue),
    ) -> Self {
        let queues = (0..QUEUES).map(|_| Mutex::new(())).collect();
        let (public_url, app, words) = world;
        let drafts = Drafts::default();
        Self { keeper, shops, codes, clock, drafts, words, queues, public_url, app }
    }

    /// Opens a page.
    pub(crate) async fn create(
        &self,
        scope: &WireScope,
        request: CaptureCreate,
    ) -> Result<CaptureCreated, Refused> {
        let shop = self.shops.get(scope.merchant, request.shop).ok_or_else(not_found)?;
        self.check(&shop, &request)?;
        let now = shop.now(self.clock.now());
        let rng: &dyn Rng = &*self.keeper.rng;
        let secret = Id::random(rng).text();
        let capture = CaptureRow {
            merchant: scope.merchant,
            id: CaptureId::random(rng),
            shop: request.shop,
            request,
            state: CaptureState::Open,
            submissions: 0,
            numbers: Vec::new(),
            expires_at: now.plus_minutes(OPEN_MINUTES),
            card: None,
            outcome: None,
        };
        let created = CaptureCreated {
            id: capture.id,
            url: format!("{}/v/c/{secret}", self.public_url),
            expires_at: capture.expires_at,
        };
        let hash = hash_of(&secret);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(capture.id.id()), move |tx| {
                store::insert_capture(tx, &capture, hash, now)
            })
            .await
            .map_err(internal)?;
        Ok(created)
    }

    fn check(&self, shop: &Shop, request: &CaptureCreate) -> Result<(), Refused> {
        let invalid = |path: &str, why: &str| Err(Refused::new("invalid_field", why).at(path));
        let display = &request.display;
        let unregistered = |path: &str| {
            let why = "The address is not on a registered origin of the shop.";
            Err(Refused::new("return_url_not_registered", why).at(path))
        };
        if !shop.may_return_to(&request.return_url, &self.app) {
            return unregistered("$.return_url");
        }
        if display.back_url.as_ref().is_some_and(|url| !shop.may_return_to(url, &self.app)) {
            return unregistered("$.display.back_url");
        }
        self.check_sites(shop, request)?;
        if request.purpose == Purpose::Save && request.customer.is_none() {
            return invalid("$.customer", "A card to be saved names its customer.");
        }
        check_guarantee(request)?;
        if display.lines.len() > MAX_LINES {
            return invalid("$.display.lines", "At most 20 lines.");
        }
        let texts = [&display.button, &display.notice, &display.email];
        let texts = texts.into_iter().flatten().chain([&display.merchant]).chain(&display.lines);
        for text in texts {
            if holds_card_number(text) {
                let why = "A text of the page holds a card number.";
                return Err(Refused::new("pan_in_wrong_field", why).at("$.display"));
            }
            if text.chars().count() > MAX_TEXT_CHARACTERS {
                return invalid("$.display", "A text has at most 300 characters.");
            }
        }
        Ok(())
    }

    /// Whose form may post here, and who may frame the page: registered origins, nothing else.
    fn check_sites(&self, shop: &Shop, request: &CaptureCreate) -> Result<(), Refused> {
        let sites = [
            (&request.form_origin, "$.form_origin", "form_origin_not_registered"),
            (&request.frame_origin, "$.frame_origin", "frame_origin_not_registered"),
        ];
        for (site, path, code) in sites {
            let Some(text) = site else { continue };
            let origin = Origin::bare(text).ok_or_else(|| {
                let why = "An origin is like https://example.org, without a path.";
                Refused::new("invalid_field", why).at(path)
            })?;
            if !shop.has_registered(&origin, &self.app) {
                let why = "This is not a registered origin of the shop.";
                return Err(Refused::new(code, why).at(path));
            }
        }
        Ok(())
    }

    /// The one other site whose form may post to a page.
    pub(crate) async fn form_origin(&self, secret: &str) -> Result<Option<Origin>, KeepError> {
        let found = self.find(secret).await?;
        let origin = found.and_then(|(capture, _)| capture.request.form_origin);
        Ok(origin.as_deref().and_then(Origin::bare))
    }

    /// A visit of the page.
    pub(crate) async fn visit(
        &self,
        secret: String,
        wish: VisitWish,
    ) -> Result<PageAnswer, KeepError> {
        let VisitWish { lang, change, masked } = wish;
        let Some((capture, shop)) = self.find(&secret).await? else {
            return Ok(PageAnswer::Unknown);
        };
        let _turn = self.turn(capture.id).await;
        let real = self.clock.now();
        if let Some(over) = self.over(&capture, &shop, real) {
            return Ok(over);
        }
        let mut draft = self.draft(&capture, &shop, real).await?;
        draft.code = None;
        if change == Change::Number {
            draft.pan = None;
            draft.expiry = None;
        }
        draft.lang = lang.or(draft.lang);
        draft.masked = masked;
        let page = page(&secret, &capture, &shop, &draft, (Vec::new(), real));
        self.drafts.put(capture.id, draft, real);
        Ok(PageAnswer::Show(Box::new(page)))
    }

    /// Wipes what guests typed too long ago.
    pub(crate) fn sweep(&self, real: Timestamp) {
        self.drafts.sweep(real);
    }

    /// One submission of a page at a time.
    pub(super) async fn turn(&self, capture: CaptureId) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let place = usize::from(capture.as_bytes().last().copied().unwrap_or(0)) % QUEUES;
        match self.queues.get(place) {
            Some(queue) => Some(queue.lock().await),
            None => None,
        }
    }

    /// The page of a secret.
    pub(super) async fn find(
        &self,
        secret: &str,
    ) -> Result<Option<(CaptureRow, Arc<Shop>)>, KeepError> {
        let hash = hash_of(secret);
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| match store::locate(tx, hash)? {
                Some((merchant, id)) => store::capture(tx, merchant, id),
                None => Ok(None),
            })
            .await?;
        Ok(found.and_then(|capture| {
            let shop = self.shops.get(capture.merchant, capture.shop)?;
            Some((capture, shop))
        }))
    }

    /// A page that takes no card any more: done, tried too often, or too old.
    pub(super) fn over(
        &self,
        capture: &CaptureRow,
        shop: &Shop,
        real: Timestamp,
    ) -> Option<PageAnswer> {
        match capture.state {
            CaptureState::Done => Some(done(capture)),
            CaptureState::Open if shop.now(real) < capture.expires_at => None,
            CaptureState::Open | CaptureState::Closed => {
                self.drafts.take(capture.id, real);
                Some(PageAnswer::Closed(closed(capture, shop)))
            }
        }
    }

    /// What was kept of the form; at first, the card that is to be corrected.
    pub(super) async fn draft(
        &self,
        capture: &CaptureRow,
        shop: &Shop,
        real: Timestamp,
    ) -> Result<Draft, KeepError> {
        if let Some(draft) = self.drafts.take(capture.id, real) {
            return Ok(draft);
        }
        let Some(token) = capture.request.card else { return Ok(Draft::default()) };
        let card = self.keeper.find(capture.merchant, token).await?;
        let usable = |card: &card::CardRow| {
            card.shop == capture.shop
                && card.purged.is_none()
                && card.purge_at.is_none_or(|at| shop.now(real) < at)
        };
        let Some(card) = card.filter(usable) else { return Ok(Draft::default()) };
        let plain = self.keeper.open(shop, &card)?;
        let pan =
            Pan::stored(&plain.number, &self.keeper.bins.current()).ok_or(KeepError::Corrupt)?;
        Ok(draft_of(&capture.request.ask, pan, card.expiry))
    }

    /// Exchanges a finished page for its card.
    pub(crate) async fn redeem(
        &self,
        scope: &WireScope,
        request: CaptureRedeem,
    ) -> Result<Redeemed, Refused> {
        let merchant: MerchantId = scope.merchant;
        let capture = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| store::capture(tx, merchant, request.id))
            .await
            .map_err(internal)?
            .filter(|capture| capture.shop == scope.shop)
            .filter(|capture| capture.request.payment == request.payment)
            .ok_or_else(not_found)?;
        let shop = self.shops.get(merchant, capture.shop).ok_or_else(not_found)?;
        let (Some(token), Some(outcome)) = (capture.card, capture.outcome) else {
            let why = "The card page was not sent yet.";
            return Err(Refused::new("capture_open", why));
        };
        let found = self.keeper.find(merchant, token).await.map_err(internal)?;
        let card = found.ok_or_else(not_found)?;
        let real = self.clock.now();
        let moment = Moment { shop: shop.now(real), real };
        let held = self.codes.has(token, moment);
        Ok(Redeemed {
            card: card::view(&card, shop.today(real), held),
            save: outcome.save,
            keep: capture.request.keep,
            email: outcome.email,
            lang: outcome.lang,
            consent_sha256: outcome.consent_sha256,
            at: outcome.at,
        })
    }
}

/// What the address of a visit asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VisitWish {
    /// Another language.
    pub(crate) lang: Option<Locale>,
    /// Another number.
    pub(crate) change: Change,
    /// The number hidden while it is typed.
    pub(crate) masked: Masked,
}

/// What a visitor asked of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    Nothing,
    /// To type another number.
    Number,
}

/// A page that asks for a guarantee promises that nothing is paid and no code is asked for.
fn check_guarantee(request: &CaptureCreate) -> Result<(), Refused> {
    if request.purpose != Purpose::Guarantee {
        return Ok(());
    }
    let stays = request.keep == Keep::Booking && request.booking.is_some();
    let pays = request.payment.is_some() || request.display.amount.is_some();
    let (path, why) = if !stays {
        ("$.booking", "A guarantee names its booking and keeps the card for it.")
    } else if pays {
        ("$.purpose", "A guarantee pays nothing: leave payment and amount out.")
    } else if request.code != CodePolicy::None {
        ("$.code", "A guarantee asks for no security code: say none.")
    } else {
        return Ok(());
    };
    Err(Refused::new("invalid_field", why).at(path))
}

/// The page as it stands.
pub(super) fn page(
    secret: &str,
    capture: &CaptureRow,
    shop: &Shop,
    draft: &Draft,
    seen: (Vec<FieldFault>, Timestamp),
) -> CardPage {
    let (faults, real) = seen;
    let kept = draft.pan.as_ref().map(|pan| Kept {
        last4: pan.last4(),
        brand: pan.scheme().brand,
        choices: possible_brands(pan, &capture.brands(shop)),
        expiry: draft.expiry.map(|e| format!("{:02}/{:02}", e.month, e.year % 100)),
    });
    let email = match (&capture.request.display.email, draft.email.is_empty()) {
        (Some(known), true) => known.clone(),
        _ => draft.email.clone(),
    };
    CardPage {
        look: look::of(&shop.settings),
        secret: secret.to_owned(),
        request: capture.request.clone(),
        shop: shop.settings.name.clone(),
        test: shop.is_test(),
        retention_days: shop.cards.retention_days,
        brands: capture.brands(shop),
        zone: shop.zone.clone(),
        now: shop.now(real),
        lang: draft.lang.unwrap_or(capture.request.lang),
        step: Step::Card,
        kept,
        holder: draft.holder.to_string(),
        email,
        save: draft.save,
        masked: draft.masked,
        faults,
    }
}

/// The page that says that the other is over.
pub(super) fn closed(capture: &CaptureRow, shop: &Shop) -> ClosedPage {
    ClosedPage {
        look: look::of(&shop.settings),
        shop: shop.settings.name.clone(),
        test: shop.is_test(),
        lang: capture.request.lang,
        back_url: capture.request.display.back_url.clone(),
        frame_origin: capture.request.frame_origin.clone(),
    }
}

/// A finished page, and where it leads.
pub(super) fn done(capture: &CaptureRow) -> PageAnswer {
    let url = &capture.request.return_url;
    let joint = if url.contains('?') { '&' } else { '?' };
    let location = format!("{url}{joint}capture={}", capture.id);
    PageAnswer::Done { capture: capture.id, location }
}

pub(super) fn hash_of(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    hash
}

/// The refusal said alike for unknown and foreign things.
pub(crate) fn not_found() -> Refused {
    Refused::new("not_found", "Nothing here under this name.")
}

/// A failure of ours: logged, never shown.
pub(crate) fn internal(error: impl std::fmt::Display) -> Refused {
    tracing::error!(%error, "vault");
    Refused::new("internal", "Something failed in the vault. Nothing was half done.")
}
