//! The form of a formula: its fields, its values, and what they mean.

use http::Words;
use kernel::{Locale, format};
use web::Form;
use web::forms::Choice;
use web::forms::conflict::Difference;

use crate::lodging::model::{Board, Formula, LodgingError};

const NAMES: [(&str, Locale); 2] = [("name_fr", Locale::Fr), ("name_en", Locale::En)];
const DEPOSIT: &str = "deposit";
/// Begins the name of the share by which a rule changes the price.
const SHARE: &str = "share_";
/// Begins the name of the nights from which on it does.
const NIGHTS: &str = "nights_";
/// Name of the choice of what is served.
const BOARD: &str = "board";
/// The whole, in hundredths of a percent.
const WHOLE_BASIS_POINTS: i64 = 10_000;

/// One field as shown.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) attributes: &'static str,
}

/// The fields of one line each; a formula keeps its rules, their figures change.
pub(super) fn rows(words: &Words, formula: &Formula) -> Vec<Row> {
    let line = "type=\"text\" autocomplete=\"off\" maxlength=\"80\"";
    let figure = "type=\"text\" inputmode=\"decimal\" autocomplete=\"off\" class=\"w-s\"";
    let row = |name: &str, (hint, attributes): (&str, _)| Row {
        label: words.say(&format!("formula-{}", name.replace('_', "-"))),
        hint: if hint.is_empty() { String::new() } else { words.say(hint) },
        name: name.to_owned(),
        attributes,
    };
    let mut rows = vec![
        row("name_fr", ("", line)),
        row("name_en", ("", line)),
        row(DEPOSIT, ("formula-deposit-hint", figure)),
    ];
    for rule in &formula.adjustments {
        let named = words.say(&format!("stay-adjustment-{}", rule.code.replace('_', "-")));
        let name = [("name", named.as_str())];
        rows.push(Row {
            name: format!("{SHARE}{}", rule.code),
            label: words.with("formula-share", &name),
            hint: words.say("formula-share-hint"),
            attributes: figure,
        });
        rows.push(Row {
            name: format!("{NIGHTS}{}", rule.code),
            label: words.with("formula-nights", &name),
            hint: String::new(),
            attributes: "type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" class=\"w-s\"",
        });
    }
    rows
}

/// What may be served.
pub(super) fn boards(words: &Words, form: &Form) -> Vec<Choice> {
    let choice = |board: Board| {
        let label = words.say(&format!("formula-board-{}", board.as_str().replace('_', "-")));
        form.choice(BOARD, board.as_str(), label)
    };
    Board::ALL.map(choice).into()
}

/// The values of a formula.
pub(super) fn values(formula: &Formula, locale: Locale) -> Form {
    let mut form = Form::default();
    for (name, language) in NAMES {
        form.set(name, formula.names.exactly(language));
    }
    form.set(DEPOSIT, written(i64::from(formula.deposit_basis_points), locale));
    form.set(BOARD, formula.board.as_str());
    for rule in &formula.adjustments {
        form.set(&format!("{SHARE}{}", rule.code), written(rule.basis_points, locale));
        form.set(&format!("{NIGHTS}{}", rule.code), rule.min_nights.to_string());
    }
    form
}

/// The formula as the form wants it, faults told beside their fields.
pub(super) fn read(words: &Words, form: &mut Form, known: &Formula) -> Formula {
    let mut wanted = known.clone();
    for (name, language) in NAMES {
        let typed = form.value(name).to_owned();
        wanted.names.set(language, &typed);
    }
    let deposit = basis_points(form.value(DEPOSIT)).and_then(|share| u32::try_from(share).ok());
    match deposit.filter(|share| i64::from(*share) <= WHOLE_BASIS_POINTS) {
        Some(share) => wanted.deposit_basis_points = share,
        None => form.fault(DEPOSIT, words.say("formula-fault-deposit")),
    }
    if let Some(board) = Board::parse(form.value(BOARD)) {
        wanted.board = board;
    }
    for rule in &mut wanted.adjustments {
        let (share, nights) = (format!("{SHARE}{}", rule.code), format!("{NIGHTS}{}", rule.code));
        let typed = basis_points(form.value(&share));
        match typed.filter(|share| share.abs() <= WHOLE_BASIS_POINTS) {
            Some(basis_points) => rule.basis_points = basis_points,
            None => form.fault(&share, words.say("formula-fault-share")),
        }
        match form.value(&nights).trim().parse() {
            Ok(count @ 1..=366) => rule.min_nights = count,
            _ => form.fault(&nights, words.say("formula-fault-nights")),
        }
    }
    if wanted.check() == Err(LodgingError::Name) {
        form.fault("name_fr", words.say("lodging-fault-name-fr"));
    }
    wanted
}

/// The fields in which what was typed differs from what is stored now.
pub(super) fn differences(words: &Words, typed: &Form, now: &Formula) -> Vec<Difference> {
    let saved = values(now, words.locale());
    let lines = rows(words, now).into_iter().map(|row| Difference {
        saved: saved.value(&row.name).to_owned(),
        typed: typed.value(&row.name).trim().to_owned(),
        label: row.label,
    });
    let served = |form: &Form| {
        let on = boards(words, form).into_iter().find(|choice| choice.chosen);
        on.map_or_else(String::new, |choice| choice.label)
    };
    let board = Difference {
        label: words.say("formula-board"),
        saved: served(&saved),
        typed: served(typed),
    };
    lines.chain([board]).filter(|both| both.saved != both.typed).collect()
}

/// A share as it is typed: `30`, `-12,5`.
fn written(basis_points: i64, locale: Locale) -> String {
    let share = format::percent(basis_points, locale);
    share.trim_end_matches('%').trim_end().to_owned()
}

/// Reads a share in percent with two decimals at most, in hundredths of a percent.
fn basis_points(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, text),
    };
    let (whole, hundredths) = text.split_once([',', '.']).unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = matches!(whole.len(), 1..=3) && hundredths.len() <= 2;
    if !fits || !are_digits(whole) || !are_digits(hundredths) {
        return None;
    }
    format!("{whole}{hundredths:0<2}").parse::<i64>().ok().map(|share| sign * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_as_it_is_written() {
        for share in [0, 5, 30, 180, 3_000, -1_000, -1_020, -5, 10_000] {
            for locale in [Locale::Fr, Locale::En] {
                assert_eq!(basis_points(&written(share, locale)), Some(share), "{share}");
            }
        }
        assert_eq!(basis_points(" 12.5 % "), Some(1_250));
        for nothing in ["", "-", "1,234", "1000", "ten", "1e3", "+5", "١"] {
            assert_eq!(basis_points(nothing), None, "{nothing}");
        }
    }
}
