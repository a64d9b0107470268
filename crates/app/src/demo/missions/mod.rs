//! Missions of the demo: what a visitor can try, how it is seen that he did, and who does it for
//! him.
//!
//! A step is *done* when the database shows what it leads to, whoever did it: the visitor in the
//! frames, or [`robot`], which sends the same requests as a browser. What concerns a PIN or a card
//! is asked of the vault ([`cards`]). Nothing here writes the database.

mod cards;
mod forms;
pub(crate) mod robot;
mod store;
mod walk;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use db::{DbError, Tx};
use kernel::{CardToken, Id, MerchantId, Timestamp};

pub(crate) use cards::{look_in_vault, prepare};

/// What shows that a step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A basket.
    Basket,
    /// A payment of a basket.
    Payment,
    /// A firm booking.
    Booked,
    /// A balance charged by the house on the kept card.
    Balance,
    /// A refused authorisation.
    Refused,
    /// The bank's page was left or said no.
    LeftBank,
    /// A silent bank was asked, and the payment is accepted.
    Settled,
    /// The bank told twice what became of a payment.
    ToldTwice,
    /// A payment made by a program.
    ByApi,
    /// That payment is paid.
    ApiPaid,
    /// Money was given back.
    Refunded,
    /// The owner has asked for a PIN.
    PinAsked,
    /// The owner has a PIN.
    PinActive,
    /// The code of the mission's card was seen.
    CodeSeen,
}

/// One mission. Its words are `demo-m{key}-…`.
#[derive(Debug)]
pub(crate) struct Mission {
    /// Its name in addresses and words: `1`, `2`, `6`, `dev`.
    pub(crate) key: &'static str,
    /// What shows that a step was done, in order.
    pub(crate) steps: &'static [Sign],
}

/// The missions there are.
pub(crate) const MISSIONS: &[Mission] = &[
    Mission { key: "1", steps: &[Sign::Basket, Sign::Payment, Sign::Booked, Sign::Balance] },
    Mission { key: "2", steps: &[Sign::PinAsked, Sign::PinActive, Sign::CodeSeen] },
    Mission { key: "6", steps: &[Sign::Refused, Sign::LeftBank, Sign::Settled, Sign::ToldTwice] },
    Mission { key: "dev", steps: &[Sign::ByApi, Sign::ApiPaid, Sign::Refunded] },
];

/// The mission of that name.
#[must_use]
pub(crate) fn mission(key: &str) -> Option<&'static Mission> {
    MISSIONS.iter().find(|mission| mission.key == key)
}

/// A mission under way.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Which.
    pub(crate) mission: &'static Mission,
    /// Everything that counts has a later name than this.
    pub(crate) since: Id,
    /// Steps seen done.
    pub(crate) done: BTreeSet<usize>,
    /// Page of the payer's frame after a step was done for the visitor.
    pub(crate) payer: Option<String>,
    /// Page of the staff's frame.
    pub(crate) desk: Option<String>,
    /// The card that came with this mission.
    pub(crate) card: Option<CardToken>,
}

impl Run {
    /// What shows that the step it is at was done; nothing when it is over.
    #[must_use]
    pub(crate) fn awaits(&self) -> Option<Sign> {
        self.here().and_then(|here| self.mission.steps.get(here)).copied()
    }

    /// The first step that is not done.
    #[must_use]
    pub(crate) fn here(&self) -> Option<usize> {
        (0..self.mission.steps.len()).find(|step| !self.done.contains(step))
    }
}

/// The one mission under way, shared by all requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage(Arc<Mutex<Option<Run>>>);

impl Stage {
    /// The mission under way.
    #[must_use]
    pub(crate) fn run(&self) -> Option<Run> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a mission, unless it is under way; a name that is none ends the one that is.
    pub(crate) fn begin(&self, key: &str, now: Timestamp) {
        let mut run = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if run.as_ref().is_some_and(|run| run.mission.key == key) {
            return;
        }
        // The smallest name of this instant: ids begin with their time.
        let since = Id::ordered(now, &kernel::rng::SeededRng::new(0));
        *run = mission(key).map(|mission| Run {
            mission,
            since,
            done: BTreeSet::new(),
            payer: None,
            desk: None,
            card: None,
        });
    }

    /// Looks for signs of the steps not done yet. A step is done only when those before it are.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(crate) fn look(run: &Run, merchant: MerchantId, tx: &mut Tx<'_>) -> Result<Run, DbError> {
        let mut run = run.clone();
        while let Some((here, sign)) = run.here().zip(run.awaits()) {
            if !store::look(tx, sign, (merchant, run.since))? {
                break;
            }
            run.done.insert(here);
        }
        Ok(run)
    }

    /// Secret of the page of the last payment by API since the mission began, where the mission
    /// asks for one.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(crate) fn api_page(
        run: &Run,
        merchant: MerchantId,
        tx: &mut Tx<'_>,
    ) -> Result<Option<String>, DbError> {
        if !run.mission.steps.contains(&Sign::ByApi) {
            return Ok(None);
        }
        store::api_page(tx, (merchant, run.since))
    }

    /// Ends the mission under way.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Changes the run, if it is still the same mission.
    pub(crate) fn update(&self, key: &str, change: impl FnOnce(&mut Run)) {
        let mut run = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = run.as_mut().filter(|run| run.mission.key == key) {
            change(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_98_every_mission_has_its_words_in_both_languages() {
        let catalogue = http::Catalogue::new(&crate::slices::messages()).unwrap();
        for locale in [kernel::Locale::Fr, kernel::Locale::En] {
            let words = catalogue.words(locale);
            for mission in MISSIONS {
                let key = mission.key;
                for part in ["name", "title", "proof"] {
                    assert!(words.has(&format!("demo-m{key}-{part}")), "{key} {part}");
                }
                for step in 1..=mission.steps.len() {
                    assert!(words.has(&format!("demo-m{key}-{step}")), "{key} {step}");
                    assert!(words.has(&format!("demo-m{key}-{step}-how")), "{key} {step}");
                }
            }
        }
    }

    #[test]
    fn a_mission_goes_on_where_it_was_and_another_begins_anew() {
        let stage = Stage::default();
        let now = Timestamp::from_micros(1_795_251_600_000_000);
        stage.begin("1", now);
        stage.update("1", |run| {
            run.done.insert(0);
        });
        stage.begin("1", now.plus_minutes(1));
        assert_eq!(stage.run().unwrap().here(), Some(1));
        stage.begin("6", now);
        assert_eq!(stage.run().unwrap().here(), Some(0));
        stage.begin("none", now);
        assert!(stage.run().is_none());
    }
}
