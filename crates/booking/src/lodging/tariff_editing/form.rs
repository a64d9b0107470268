//! The form of a tariff: its fields, its values, and what they mean.

use std::collections::BTreeMap;

use http::Words;
use kernel::{Currency, Money, format};
use web::Form;
use web::forms::conflict::Difference;

use crate::lodging::AgeBracket;
use crate::lodging::tariffs::{Price, TariffError, TariffPeriod, Weekdays};

/// Begins the name of a box for a day of arrival.
const DAY: &str = "day_";
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
/// Begins the name of the price of an age bracket.
const BRACKET: &str = "price_";
const PER_STAY: &str = "per_stay";

/// What a tariff is read with.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) words: &'a Words,
    pub(super) brackets: &'a [AgeBracket],
    pub(super) currency: Currency,
}

/// One field as shown.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) attributes: &'static str,
}

/// A box for a day of arrival.
pub(super) struct Day {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) on: bool,
}

impl Look<'_> {
    /// The fields of one line each; a tariff keeps the way it is priced.
    pub(super) fn rows(&self, price: &Price) -> Vec<Row> {
        let row = |name: &str, hint: &str, attributes| Row {
            label: self.words.say(&format!("tariff-{}", name.replace('_', "-"))),
            hint: if hint.is_empty() { String::new() } else { self.words.say(hint) },
            name: name.to_owned(),
            attributes,
        };
        let date = "type=\"date\" autocomplete=\"off\" class=\"w-m\"";
        let line = "type=\"text\" autocomplete=\"off\" class=\"w-m\"";
        let amount = "type=\"text\" inputmode=\"decimal\" autocomplete=\"off\" class=\"w-s\"";
        let mut rows = vec![
            row("first_day", "", date),
            row("last_day", "", date),
            row("lengths", "tariff-lengths-hint", line),
        ];
        match price {
            Price::PerStay(_) => rows.push(row(PER_STAY, "tariff-amount-hint", amount)),
            Price::PerPerson(_) => rows.extend(self.brackets.iter().map(|bracket| {
                let name = [("name", bracket.names.get(self.words.locale()))];
                Row {
                    name: format!("{BRACKET}{}", bracket.code),
                    label: self.words.with("tariff-per-person", &name),
                    hint: self.words.say("tariff-person-hint"),
                    attributes: amount,
                }
            })),
        }
        rows
    }

    /// The boxes of the days of arrival.
    pub(super) fn days(&self, form: &Form) -> Vec<Day> {
        let day = |word: &str| {
            let name = format!("{DAY}{word}");
            Day { on: form.is(&name, "1"), label: self.words.say(&format!("tariff-{word}")), name }
        };
        DAYS.into_iter().map(day).collect()
    }

    /// The days chosen, in words.
    /// The days of the week on which a stay may begin; empty when on all.
    pub(super) fn weekdays(&self, period: &TariffPeriod) -> String {
        if period.arrival_days == Weekdays::ALL {
            return String::new();
        }
        self.days_told(&self.values(period))
    }

    fn days_told(&self, form: &Form) -> String {
        let days = self.days(form).into_iter().filter(|day| day.on);
        days.map(|day| day.label).collect::<Vec<_>>().join(", ")
    }

    /// The values of a tariff.
    pub(super) fn values(&self, period: &TariffPeriod) -> Form {
        let mut form = Form::default();
        form.set("first_day", period.first_day.to_string());
        form.set("last_day", period.last_day.to_string());
        form.set("lengths", lengths_told(&period.lengths));
        for (at, word) in DAYS.into_iter().enumerate() {
            if period.arrival_days.bits() >> at & 1 == 1 {
                form.set(&format!("{DAY}{word}"), "1");
            }
        }
        let amount = |minor| format::number(Money::new(minor, self.currency), self.words.locale());
        match &period.price {
            Price::PerStay(minor) => form.set(PER_STAY, amount(*minor)),
            Price::PerPerson(prices) => {
                for (code, minor) in prices {
                    form.set(&format!("{BRACKET}{code}"), amount(*minor));
                }
            }
        }
        form
    }

    /// The tariff as the form wants it, faults told beside their fields.
    pub(super) fn read(&self, form: &mut Form, known: &TariffPeriod) -> TariffPeriod {
        let mut wanted = known.clone();
        for (name, day) in
            [("first_day", &mut wanted.first_day), ("last_day", &mut wanted.last_day)]
        {
            match form.value(name).trim().parse() {
                Ok(typed) => *day = typed,
                Err(_) => self.fault(form, name, "tariff-fault-day"),
            }
        }
        match lengths(form.value("lengths")) {
            Some(typed) => wanted.lengths = typed,
            None => self.fault(form, "lengths", "tariff-fault-lengths"),
        }
        let is_on = |word: &&str| form.is(&format!("{DAY}{word}"), "1");
        let days: Vec<String> = DAYS.iter().copied().filter(is_on).map(str::to_owned).collect();
        match Weekdays::from_words(&days).filter(|_| !days.is_empty()) {
            Some(typed) => wanted.arrival_days = typed,
            None => self.fault(form, "day_mo", "tariff-fault-days"),
        }
        match &known.price {
            Price::PerStay(_) => {
                if let Some(minor) = self.amount(form, PER_STAY) {
                    wanted.price = Price::PerStay(minor);
                }
            }
            Price::PerPerson(_) => wanted.price = Price::PerPerson(self.prices(form)),
        }
        wanted
    }

    /// The price of each bracket; one left empty has none.
    fn prices(&self, form: &mut Form) -> BTreeMap<String, i64> {
        let mut prices = BTreeMap::new();
        for bracket in self.brackets {
            let name = format!("{BRACKET}{}", bracket.code);
            if form.value(&name).trim().is_empty() {
                continue;
            }
            if let Some(minor) = self.amount(form, &name) {
                prices.insert(bracket.code.clone(), minor);
            }
        }
        prices
    }

    /// One amount, or one for each bracket.
    pub(super) fn price_told(&self, price: &Price) -> String {
        let money =
            |minor: &i64| format::money(Money::new(*minor, self.currency), self.words.locale());
        match price {
            Price::PerStay(minor) => money(minor),
            Price::PerPerson(prices) => prices.values().map(money).collect::<Vec<_>>().join(" / "),
        }
    }

    fn amount(&self, form: &mut Form, name: &str) -> Option<i64> {
        let typed = format::parse_amount(form.value(name), self.currency).ok();
        if typed.is_none() {
            self.fault(form, name, "tariff-fault-amount");
        }
        typed.map(|amount| amount.minor())
    }

    fn fault(&self, form: &mut Form, name: &str, key: &str) {
        form.fault(name, self.words.say(key));
    }

    /// Says what is wrong with the whole beside the field that cures it.
    pub(super) fn tell(&self, form: &mut Form, error: &TariffError) {
        let first = self.brackets.first().map_or("", |bracket| bracket.code.as_str());
        match error {
            TariffError::Dates => self.fault(form, "last_day", "tariff-fault-dates"),
            TariffError::Lengths => self.fault(form, "lengths", "tariff-fault-lengths"),
            TariffError::StayPrice => self.fault(form, PER_STAY, "tariff-fault-amount"),
            TariffError::PersonPrice => {
                self.fault(form, &format!("{BRACKET}{first}"), "tariff-fault-amount");
            }
            TariffError::TwoPrices { prices, day, nights, .. } => {
                let day = format::date(*day, self.words.locale());
                let there = self.price_told(&prices.there);
                let entered = self.price_told(&prices.entered);
                let values = [("day", &*day), ("there", &*there), ("entered", &*entered)];
                let key = "tariff-fault-two-prices";
                form.fault("first_day", self.words.count_with(key, i64::from(*nights), &values));
            }
        }
    }

    /// The fields in which what was typed differs from what is stored now.
    pub(super) fn differences(&self, typed: &Form, now: &TariffPeriod) -> Vec<Difference> {
        let saved = self.values(now);
        let lines = self.rows(&now.price).into_iter().map(|row| Difference {
            saved: saved.value(&row.name).to_owned(),
            typed: typed.value(&row.name).trim().to_owned(),
            label: row.label,
        });
        let days = Difference {
            label: self.words.say("tariff-days"),
            saved: self.days_told(&saved),
            typed: self.days_told(typed),
        };
        lines.chain([days]).filter(|both| both.saved != both.typed).collect()
    }
}

/// `1, 2, 7`.
pub(super) fn lengths_told(lengths: &[u16]) -> String {
    lengths.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// Reads numbers of nights, each once; `None` when one of them is none.
fn lengths(text: &str) -> Option<Vec<u16>> {
    let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
    let mut lengths: Vec<u16> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    lengths.sort_unstable();
    lengths.dedup();
    Some(lengths).filter(|lengths| !lengths.is_empty())
}
