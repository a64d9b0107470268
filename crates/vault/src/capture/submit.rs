//! A form is sent: count, check, store, go back.

use std::time::Instant;

use db::{DbError, Route};
use kernel::{Locale, Timestamp};
use vault_wire::{Brand, CodePolicy, Keep, Purpose};
use zeroize::Zeroizing;

use super::drafts::Draft;
use super::form::{CardForm, Entered, choose_brand, read};
use super::open::{Captures, closed, done, hash_of, page};
use super::store::{self, CaptureRow, CaptureState, Outcome};
use super::texts::{PageAnswer, Step, consent_text};
use crate::card::{self, CardKind, CardRow, Fault, Field, KeepError, NewCard, Pan};
use crate::core::codes::Moment;
use crate::figures;
use crate::keys::bytes::hex;
use crate::keys::fingerprint;
use crate::log::{self, Line};
use crate::shop::Shop;

const MAX_SUBMISSIONS: u32 = 10;
const MAX_NUMBERS: usize = 5;

/// A page, its shop and the machine's time of one submission.
struct Case<'c> {
    secret: &'c str,
    capture: CaptureRow,
    shop: &'c Shop,
    real: Timestamp,
    lang: Locale,
    /// Hash of the consent text that the page shows.
    consent: Option<String>,
}

impl Captures {
    /// Takes a submission of the form.
    pub(crate) async fn submit(
        &self,
        secret: String,
        form: CardForm,
    ) -> Result<PageAnswer, KeepError> {
        let Some((first_look, _)) = self.find(&secret).await? else {
            return Ok(PageAnswer::Unknown);
        };
        let _turn = self.turn(first_look.id).await;
        let Some((capture, shop)) = self.find(&secret).await? else {
            return Ok(PageAnswer::Unknown);
        };
        let real = self.clock.now();
        if let Some(over) = self.over(&capture, &shop, real) {
            return Ok(over);
        }
        let draft = self.draft(&capture, &shop, real).await?;
        if form.lang.is_some() {
            return Ok(self.switch_language(&secret, (&capture, &shop), (form, draft), real));
        }
        let lang = draft.lang.unwrap_or(capture.request.lang);
        let keeps = capture.request.keep == Keep::Booking;
        let consent = keeps.then(|| {
            let words = self.words.words(lang);
            let text = consent_text(
                &words,
                capture.request.purpose,
                (&shop.settings.name, shop.cards.retention_days),
            );
            hex(&hash_of(&text))
        });
        let shop = &*shop;
        let case = Case { secret: &secret, capture, shop, real, lang, consent };
        self.take(case, form, draft).await
    }

    /// The same page in another language, with what was typed outside the card fields.
    fn switch_language(
        &self,
        secret: &str,
        place: (&CaptureRow, &Shop),
        typed: (CardForm, Draft),
        real: Timestamp,
    ) -> PageAnswer {
        let ((capture, shop), (form, mut draft)) = (place, typed);
        draft.code = None;
        draft.lang = form.lang;
        keep_texts(&mut draft, &form, &[]);
        let page = page(secret, capture, shop, &draft, (Vec::new(), real));
        self.drafts.put(capture.id, draft, real);
        PageAnswer::Show(Box::new(page))
    }

    async fn take(
        &self,
        mut case: Case<'_>,
        form: CardForm,
        draft: Draft,
    ) -> Result<PageAnswer, KeepError> {
        let mut kept = Draft {
            holder: draft.holder.clone(),
            email: draft.email.clone(),
            save: draft.save,
            masked: draft.masked,
            lang: draft.lang,
            ..Draft::default()
        };
        let today = case.shop.today(case.real);
        let place = (case.shop, &*self.keeper.bins.current());
        let mut entered = read(&form, draft, &case.capture, place, today);
        keep_texts(&mut kept, &form, &entered.faults);
        if !self.count(&mut case, entered.pan.as_ref()).await? {
            return Ok(PageAnswer::Closed(closed(&case.capture, case.shop)));
        }
        if entered.faults.is_empty()
            && let Some(pan) = entered.pan.take()
            && let Some(expiry) = entered.expiry
        {
            match choose_brand(&form, &pan, &case.capture.brands(case.shop)) {
                Ok(brand) => {
                    let new = self.new_card(
                        &case,
                        &mut entered,
                        (pan, expiry),
                        (brand, form.save || kept.save),
                    );
                    return self.finish(case, entered, new).await;
                }
                Err(possible) => {
                    kept.pan = Some(pan);
                    kept.expiry = Some(expiry);
                    kept.code = entered.code;
                    return Ok(self.show(&case, kept, Vec::new(), Step::Brand(possible)));
                }
            }
        }
        kept.pan = entered.pan;
        kept.expiry = entered.expiry.filter(|_| kept.pan.is_some());
        Ok(self.show(&case, kept, entered.faults, Step::Card))
    }

    fn show(
        &self,
        case: &Case<'_>,
        draft: Draft,
        faults: Vec<card::FieldFault>,
        step: Step,
    ) -> PageAnswer {
        let mut shown = page(case.secret, &case.capture, case.shop, &draft, (faults, case.real));
        shown.step = step;
        self.drafts.put(case.capture.id, draft, case.real);
        PageAnswer::Show(Box::new(shown))
    }

    /// Counts this submission and its number, durably, before anything else is done with it;
    /// false closes the page.
    async fn count(&self, case: &mut Case<'_>, pan: Option<&Pan>) -> Result<bool, KeepError> {
        let capture = &mut case.capture;
        capture.submissions = capture.submissions.saturating_add(1);
        if let Some(pan) = pan {
            let print = fingerprint::text(self.keeper.fingerprint(case.shop, pan));
            if !capture.numbers.contains(&print) {
                capture.numbers.push(print);
            }
        }
        let over = capture.submissions > MAX_SUBMISSIONS || capture.numbers.len() > MAX_NUMBERS;
        if over {
            capture.state = CaptureState::Closed;
        }
        let row = capture.clone();
        let counted = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(row.id.id()), move |tx| store::count_try(tx, &row))
            .await?;
        Ok(counted && !over)
    }

    fn new_card(
        &self,
        case: &Case<'_>,
        entered: &mut Entered,
        card: (Pan, card::Expiry),
        chosen: (Option<Brand>, bool),
    ) -> (NewCard, bool) {
        let request = &case.capture.request;
        let (preferred, ticked) = chosen;
        let save = request.purpose == Purpose::Save || (ticked && request.display.offer_save);
        let kind = match (request.keep, save && request.customer.is_some()) {
            (Keep::Booking, _) => CardKind::Booking,
            (Keep::None, true) => CardKind::Saved,
            (Keep::None, false) => CardKind::SingleUse,
        };
        let (pan, expiry) = card;
        let new = NewCard {
            pan,
            expiry,
            holder: std::mem::take(&mut entered.holder),
            preferred,
            kind,
            entry: if request.purpose == Purpose::Moto { "phone" } else { "page" },
            channel: None,
            is_virtual: false,
            told: None,
            customer: request.customer.map(|id| id.to_string()),
            booking: request.booking.map(|id| id.to_string()),
            payment: request.payment.map(|id| id.to_string()),
        };
        (new, save)
    }

    /// Stores the card and closes the page in one commit; then holds the code; then goes back.
    async fn finish(
        &self,
        case: Case<'_>,
        entered: Entered,
        new: (NewCard, bool),
    ) -> Result<PageAnswer, KeepError> {
        let (new, save) = new;
        let now = case.shop.now(case.real);
        let outcome = Outcome {
            save,
            email: entered.email.map(|email| email.to_string()),
            lang: case.lang,
            consent_sha256: case.consent.clone(),
            at: now,
        };
        let began = Instant::now();
        let (mut row, known) = self.row_of(&case, new, now).await?;
        let mut code = entered.code.filter(|_| case.capture.request.code != CodePolicy::None);
        let held = self.keeper.hold_code((case.shop, case.real), &mut row, code.as_ref(), now);
        let holds = held.await;
        if holds.is_err() && known == Known::No {
            self.keeper.abandon(&row).await;
        }
        let holds = holds?;
        if holds {
            code = None;
        }
        let asked = &case.capture.request;
        let for_payment = asked.purpose == Purpose::Payment && asked.code == CodePolicy::Required;
        let typed = code.is_some() && for_payment;
        let place = (case.capture.merchant, case.capture.shop);
        let line = Line::new("card.stored", place, "payer", now, &*self.keeper.rng)
            .card(row.token)
            .purpose(if asked.purpose == Purpose::Guarantee { "guarantee" } else { &row.entry });
        let (stored, place) = (row.clone(), (case.capture.merchant, case.capture.id));
        let written = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(case.capture.id.id()), move |tx| {
                match known {
                    Known::Yes => {
                        card::store::update_card(tx, &stored)?;
                        if holds {
                            card::store::put_code(tx, &stored)?;
                        }
                    }
                    Known::No => card::store::insert_card(tx, &stored)?,
                }
                if typed {
                    card::store::code_typed(tx, (place.0, stored.token))?;
                }
                log::append(tx, &line)?;
                store::finish_capture(tx, place, stored.token, &outcome)
            })
            .await;
        if let Err(error) = written {
            if known == Known::No && card::is_unstored(&error) {
                self.keeper.abandon(&row).await;
            }
            return Err(error.into());
        }
        figures::STORED.add(began);
        if let Some(code) = code {
            let moment = Moment { shop: now, real: case.real };
            self.codes.hold(row.token, code, moment);
        }
        tracing::info!(card = %row.token, capture = %case.capture.id, "card stored");
        Ok(done(&case.capture))
    }

    /// A new row, or the one of the same number: the card being corrected, or the customer's.
    async fn row_of(
        &self,
        case: &Case<'_>,
        new: NewCard,
        now: Timestamp,
    ) -> Result<(CardRow, Known), KeepError> {
        let print = self.keeper.fingerprint(case.shop, &new.pan);
        let owner = (case.capture.merchant, case.capture.shop);
        let mut known = match case.capture.request.card {
            Some(token) => self.keeper.find(owner.0, token).await?,
            None => None,
        }
        .filter(|card| {
            card.shop == owner.1 && card.purged.is_none() && card.fingerprint == Some(print)
        });
        if known.is_none()
            && new.kind == CardKind::Saved
            && let Some(customer) = new.customer.clone()
        {
            let db = &self.keeper.db;
            known = db
                .read::<_, DbError, _>(move |tx| {
                    card::store::same_card(tx, owner, &customer, print)
                })
                .await?;
        }
        let Some(old) = known else {
            return Ok((self.keeper.seal(case.shop, new, now).await?, Known::No));
        };
        let mut row = self.keeper.reseal(case.shop, &old, (new.expiry, &new.holder))?;
        row.preferred = new.preferred.or(row.preferred);
        row.payment = new.payment.or(row.payment);
        if row.kind == CardKind::SingleUse {
            row.kind = new.kind;
            row.booking = new.booking.or(row.booking);
            row.purge_at = card::first_purge(case.shop, row.kind, row.expiry, now);
        }
        Ok((row, Known::Yes))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

/// Keeps name, address and box as typed, except a text that holds a card number.
fn keep_texts(draft: &mut Draft, form: &CardForm, faults: &[card::FieldFault]) {
    let wrong = |field| {
        let bad = card::FieldFault::new(field, Fault::NumberInWrongField);
        faults.contains(&bad)
    };
    if !form.holder.trim().is_empty() {
        draft.holder = Zeroizing::new(form.holder.trim().to_owned());
    }
    if wrong(Field::Holder) || kernel::card_text::holds_card_number(&draft.holder) {
        draft.holder = Zeroizing::default();
    }
    if !form.email.is_empty() {
        draft.email.clone_from(&form.email);
    }
    if wrong(Field::Email) || kernel::card_text::holds_card_number(&draft.email) {
        draft.email = String::new();
    }
    draft.save = form.save;
}
