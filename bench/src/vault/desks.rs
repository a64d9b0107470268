//! People with a PIN, each in a shop of his own with a card: one person sees 20 numbers an hour.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::rng::OsRng;
use kernel::{CardToken, Locale, UserId};
use vault_wire::{LinkCreate, MessagesDone, MessagesTake, ViewerConfirm, ViewerEnrol, WireScope};

use super::stand::{self, Stand};
use crate::Outcome;

/// Numbers that one person sees within an hour.
const SEEN_PER_HOUR: u32 = 20;
const PIN: &str = "47120938";

/// A person before his card.
pub(super) struct Desk {
    pub(super) scope: WireScope,
    user: UserId,
    card: CardToken,
    left: u32,
}

impl Desk {
    /// Lets somebody choose a PIN in a shop with a card.
    async fn open(stand: &Stand) -> Outcome<Self> {
        let (scope, user) = (stand.new_shop().await?, UserId::random(&OsRng));
        let mut wire = stand.wire(&scope).await?;
        stand.ask(&scope, &enrolment(user)).await?;
        let messages = stand.ask(&scope, &MessagesTake {}).await?.messages;
        let link = messages.iter().rev().find_map(|message| message.link.as_deref());
        let path = stand.path_of(link.ok_or("no invitation came")?)?;
        let sms = messages.iter().rev().find(|message| message.sms).ok_or("no code came")?;
        let code: String = sms.text.chars().filter(char::is_ascii_digit).collect();
        let ids = messages.iter().map(|message| message.id).collect();
        stand.ask(&scope, &MessagesDone { ids }).await?;
        let (_, page) = wire.browse(&path, Some(format!("code={code}"))).await?;
        let form = format!("key={}&pin={PIN}&again={PIN}", key_of(&page)?);
        let (status, _) = wire.browse(&path, Some(form)).await?;
        if status != 200 {
            return Err(format!("a PIN was not taken: {status}").into());
        }
        stand.ask(&scope, &ViewerConfirm { user: user.to_string(), recovery: None }).await?;
        let card = stand::store(&mut wire, &scope, "SHOWN").await?.parse()?;
        Ok(Self { scope, user, card, left: SEEN_PER_HOUR })
    }

    /// What the person asks the app for.
    pub(super) fn wish(&self) -> LinkCreate {
        LinkCreate {
            card: self.card,
            user: self.user,
            purpose: "guarantee".into(),
            frame_origin: None,
            client_ip: None,
            lang: Locale::Fr,
            return_url: None,
        }
    }
}

/// What a person types into the page of his link.
pub(super) fn typed(page: &str) -> Outcome<String> {
    Ok(format!("key={}&pin={PIN}&show=number", key_of(page)?))
}

/// Desks at which somebody may still see a number.
#[derive(Clone)]
pub(super) struct Desks(Arc<Mutex<VecDeque<Desk>>>);

impl Desks {
    pub(super) async fn open(stand: &Stand, people: usize) -> Outcome<Self> {
        let mut desks = VecDeque::new();
        for _ in 0..people {
            desks.push_back(Desk::open(stand).await?);
        }
        Ok(Self(Arc::new(Mutex::new(desks))))
    }

    /// The desk that has waited longest.
    pub(super) fn take(&self) -> Outcome<Desk> {
        let mut desks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = desks.pop_front();
        desk.ok_or_else(|| "everybody has seen his 20 numbers: give more --people".into())
    }

    /// Somebody has seen a number there.
    pub(super) fn give_back(&self, mut desk: Desk) {
        desk.left = desk.left.saturating_sub(1);
        if desk.left > 0 {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(desk);
        }
    }
}

fn enrolment(user: UserId) -> ViewerEnrol {
    ViewerEnrol {
        user,
        name: "Claire".into(),
        email: "claire@tuffeaux.example".into(),
        phone: "06 12 34 56 78".into(),
        lang: Locale::Fr,
        avoid: Vec::new(),
        return_url: None,
        owners: Vec::new(),
    }
}

/// The one-time key in the form of a page.
fn key_of(page: &str) -> Outcome<&str> {
    let after = page.split_once("name=\"key\" value=\"").map(|(_, after)| after);
    let key = after.and_then(|after| after.split_once('"')).map(|(key, _)| key);
    key.ok_or_else(|| "a page of the vault has no form".into())
}
