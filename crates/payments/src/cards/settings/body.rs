//! The document of card settings, read strictly over what is set now.

use std::ops::RangeInclusive;

use kernel::{Problem, UserId};
use serde_json::Value;
use vault_wire::{Brand, CardSettings, Hours, SecondPerson, TimeOfDay, ViewOnce};

use super::{Change, Whole, storage};
use crate::cards::checks;
use crate::fields::{Body, Object};

const ORIGIN_CHARACTERS: usize = 200;
const MOST_ENTRIES: usize = 32;
const REASON_CHARACTERS: usize = 500;

/// What the document changes; what it leaves out stays. What the vault knows better (ranges,
/// origins, days) it checks itself.
pub(super) fn read(bytes: &[u8], now: &Whole) -> Result<Change, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    known(&root, now);
    let before = &now.vault.settings;
    let mut settings = CardSettings {
        accept_cards: root.yes("accept_cards").unwrap_or(before.accept_cards),
        brands: brands(&root).unwrap_or_else(|| before.brands.clone()),
        retention_days: small(&root, "retention_days", before.retention_days),
        cancel_retention_days: small(&root, "cancel_retention_days", before.cancel_retention_days),
        view_code_once: once(&root, before),
        frame_origins: texts(&root, "frame_origins")
            .unwrap_or_else(|| before.frame_origins.clone()),
        ..before.clone()
    };
    reveal(&root, &mut settings);
    let checks = checks(&root, &now.checks);
    let auto = root.yes("auto_charge_virtual");
    root.close();
    body.finish()?;
    let auto_charge_virtual = auto.unwrap_or(now.policy.auto_since.is_some());
    Ok(Change { settings, auto_charge_virtual, checks })
}

/// Members that are told and cannot be set: the same is taken, something else is refused.
fn known(root: &Object<'_>, now: &Whole) {
    let only = "Send this as it was read, or leave it out.";
    let storage = storage(now.vault.storage);
    if root.text("storage", 20).is_some_and(|said| said != storage) {
        root.fault("storage", only);
    }
    let since = now.vault.activated_at.map(|at| at.to_string());
    let said = root.text("activated_at", 40);
    if said.is_some() && said != since {
        root.fault("activated_at", only);
    }
    if root.text("collection", 40).is_some_and(|said| said != "storage") {
        root.fault("collection", "Cards are collected by the vault: give storage.");
    }
}

/// A number of days; what does not fit is told by the vault with its range.
fn small(root: &Object<'_>, name: &'static str, before: u8) -> u8 {
    root.integer(name).map_or(before, |days| u8::try_from(days).unwrap_or(u8::MAX))
}

fn brands(root: &Object<'_>) -> Option<Vec<Brand>> {
    let words = texts(root, "brands")?;
    let read: Vec<Brand> = words.iter().filter_map(|word| Brand::parse(word)).collect();
    let mut once = read.clone();
    once.dedup();
    if read.len() != words.len() || once.len() != read.len() {
        let all: Vec<&str> = Brand::ALL.iter().map(|brand| brand.as_str()).collect();
        root.fault("brands", format!("Give some of: {}.", all.join(", ")));
    }
    Some(read)
}

fn texts(root: &Object<'_>, name: &'static str) -> Option<Vec<String>> {
    let list = root.value(name)?.as_array();
    let read: Option<Vec<String>> = list
        .filter(|list| list.len() <= MOST_ENTRIES)
        .and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
    let fits = |text: &String| text.chars().count() <= ORIGIN_CHARACTERS;
    let read = read.filter(|texts| texts.iter().all(fits));
    if read.is_none() {
        root.fault(name, "Give a list of at most 32 short texts.");
    }
    read
}

fn once(root: &Object<'_>, before: &CardSettings) -> Option<ViewOnce> {
    if root.value("view_code_once").is_none() {
        return before.view_code_once.clone();
    }
    let given = root.object("view_code_once");
    let on = given.required("on", given.yes("on"));
    let reason = given.text("reason", REASON_CHARACTERS);
    let until = given.text("until", 10);
    let approved_by: Option<UserId> = given.parsed("approved_by", "a user id");
    if on == Some(true) {
        given.required("reason", reason.clone());
        given.required("until", until.clone());
        given.required("approved_by", approved_by);
    }
    given.close();
    let by = approved_by?.to_string();
    (on == Some(true)).then_some(())?;
    Some(ViewOnce { reason: reason?, until: until?, approved_by: by })
}

fn checks(root: &Object<'_>, before: &checks::Policy) -> checks::Policy {
    let given = root.object("verify");
    let within = |name: &'static str, range: RangeInclusive<i64>, before: i64| {
        let Some(number) = given.integer(name) else { return before };
        if !range.contains(&number) {
            given.fault(name, format!("Give {} to {}.", range.start(), range.end()));
        }
        number
    };
    let read = checks::Policy {
        auto: given.word("auto").unwrap_or(before.auto),
        days_before: within("days_before", checks::DAYS_BEFORE, before.days_before),
        with_code: given.yes("with_code").unwrap_or(before.with_code),
        amount_fallback: within("amount_fallback", checks::FALLBACK_MINOR, before.amount_fallback),
        version: before.version,
    };
    given.close();
    read
}

fn reveal(root: &Object<'_>, settings: &mut CardSettings) {
    let given = root.object("reveal");
    let most = |name: &'static str, before: u16| {
        given.integer(name).map_or(before, |most| u16::try_from(most).unwrap_or(u16::MAX))
    };
    settings.show_seconds = most("show_seconds", settings.show_seconds);
    settings.max_per_card = most("max_per_card", settings.max_per_card);
    settings.purpose_required = given.yes("purpose_required").unwrap_or(settings.purpose_required);
    if let Some(networks) = texts(&given, "networks") {
        settings.networks = networks;
    }
    if let Some(rule) = given.value("second_person") {
        let read: Option<SecondPerson> = serde_json::from_value(rule.clone()).ok();
        if read.is_none() {
            given.fault("second_person", "Give one of: off, outliers, always.");
        }
        settings.second_person = read;
    }
    if let Some(value) = given.value("hours") {
        settings.hours = hours(&given, value);
    }
    given.close();
}

fn hours(reveal: &Object<'_>, value: &Value) -> Option<Hours> {
    let given = reveal.object("hours");
    let time = |name: &'static str| -> Option<TimeOfDay> {
        given.required(name, given.parsed(name, "a time of day such as 07:00"))
    };
    let read = time("from").zip(time("to")).map(|(from, to)| Hours { from, to });
    given.close();
    read.filter(|_| value.is_object())
}
