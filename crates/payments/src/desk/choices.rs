//! The filters of the list that are chosen by one press each.

use http::Words;
use web::list::view::{Choice, Group as Choices};

use super::filter::{BRANDS, Filter, THREEDS};
use super::list::Found;
use super::words;
use crate::payment::listing::Late;
use crate::payment::{Channel, GuaranteeValue, Source, Status};

/// What is folded under "more filters".
pub(super) fn folded(words: &Words, found: &Found) -> Vec<Choices> {
    let filter = &found.filter;
    let choice =
        |said: String, on: bool, changed: Filter| Choice { words: said, href: changed.href(), on };
    let group = |key: &str, choices: Vec<Choice>| Choices { title: words.say(key), choices };
    let brands = BRANDS.iter().map(|brand| {
        let on = filter.brand.as_deref() == Some(brand);
        let changed = filter.with(|f| f.brand = (!on).then(|| (*brand).to_owned()));
        choice(words::brand(brand), on, changed)
    });
    let channels = Channel::ALL.iter().map(|channel| {
        let on = filter.channel == Some(*channel);
        let changed = filter.with(|f| f.channel = (!on).then_some(*channel));
        choice(words::channel(words, *channel), on, changed)
    });
    let threeds = THREEDS.iter().map(|result| {
        let on = filter.threeds.as_deref() == Some(result);
        let changed = filter.with(|f| f.threeds = (!on).then(|| (*result).to_owned()));
        choice(words::threeds(words, result), on, changed)
    });
    let guarantees = GuaranteeValue::ALL.iter().map(|value| {
        let on = filter.guarantee == Some(*value);
        let changed = filter.with(|f| f.guarantee = (!on).then_some(*value));
        choice(words.say(&words::guarantee_key(*value)), on, changed)
    });
    let statuses = Status::ALL.iter().map(|status| {
        let on = filter.status == Some(*status);
        let changed = filter.with(|f| f.status = (!on).then_some(*status));
        choice(words.say(&words::status_key(*status)), on, changed)
    });
    let sources = Source::ALL.iter().filter(|one| **one != Source::Connector).map(|one| {
        let on = filter.source == Some(*one);
        let changed = filter.with(|f| f.source = (!on).then_some(*one));
        choice(source(words, *one), on, changed)
    });
    let lates = [Late::Yes, Late::No].into_iter().map(|one| {
        let on = filter.late == Some(one);
        choice(late(words, one), on, filter.with(|f| f.late = (!on).then_some(one)))
    });
    let shops = found.shops.iter().map(|shop| {
        let on = filter.shop == Some(shop.id);
        choice(shop.name.clone(), on, filter.with(|f| f.shop = (!on).then_some(shop.id)))
    });
    let mut all = vec![
        group("desk-filter-brand", brands.collect()),
        group("desk-filter-channel", channels.collect()),
        group("desk-filter-threeds", threeds.collect()),
        group("desk-filter-guarantee", guarantees.collect()),
        group("desk-filter-source", sources.collect()),
        group("desk-filter-late", lates.collect()),
        group("desk-filter-status", statuses.collect()),
    ];
    if found.shops.len() > 1 {
        all.push(group("desk-filter-shop", shops.collect()));
    }
    all
}

/// Through which door the card was charged.
pub(super) fn source(words: &Words, source: Source) -> String {
    words.say(&format!("desk-source-{}", source.as_str()))
}

/// Whether a payment was accepted too late.
pub(super) fn late(words: &Words, late: Late) -> String {
    words.say(match late {
        Late::Yes => "desk-late-yes",
        Late::No => "desk-late-no",
    })
}
