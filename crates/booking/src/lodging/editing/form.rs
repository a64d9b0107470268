//! The form of a lodging: its fields, its values, and what they mean.

use std::collections::BTreeMap;

use http::Words;
use kernel::Locale;
use web::Form;
use web::forms::conflict::VERSION_FIELD;
use web::forms::fields::{Field, Input};

use crate::lodging::Equipment;
use crate::lodging::equipment::WORDS;
use crate::lodging::model::{Capacity, Lodging, LodgingError, Texts};

/// Begins the name of a box for a word of equipment.
pub(super) const EQUIPMENT: &str = "equipment_";

/// The fields with a label, in their order.
const FIELDS: [(&str, Input); 13] = [
    ("name_fr", Input::Line),
    ("name_en", Input::Line),
    ("about_fr", Input::Text),
    ("about_en", Input::Text),
    ("conditions_fr", Input::Text),
    ("conditions_en", Input::Text),
    ("check_in", Input::Time),
    ("check_out", Input::Time),
    ("persons_min", Input::Number),
    ("persons_standard", Input::Number),
    ("persons_max", Input::Number),
    ("tax_fr", Input::Text),
    ("tax_en", Input::Text),
];

type Chosen = fn(&Lodging) -> &Texts;

/// The texts in two languages, by what the names of their fields begin with.
const TEXTS: [(&str, Chosen); 4] = [
    ("name", |lodging| &lodging.names),
    ("about", |lodging| &lodging.descriptions),
    ("conditions", |lodging| &lodging.conditions),
    ("tax", |lodging| &lodging.tourist_tax),
];

const LANGUAGES: [Locale; 2] = [Locale::Fr, Locale::En];

/// The fields as shown.
pub(super) fn fields(words: &Words, form: &Form) -> Vec<Field> {
    let label = |name: &str| words.say(&format!("lodging-field-{}", name.replace('_', "-")));
    FIELDS.into_iter().map(|(name, input)| Field::of(form, name, (label(name), input))).collect()
}

/// Equipment as one more field, so that two versions of it can be told.
pub(super) fn equipment_field(words: &Words, form: &Form) -> Field {
    let there = WORDS.into_iter().filter(|word| form.is(&format!("{EQUIPMENT}{word}"), "1"));
    let names: Vec<String> = there.map(|word| words.say(&Equipment::key(word))).collect();
    let mut field = Field::of(form, "equipment", (words.say("lodging-equipment"), Input::Line));
    field.value = names.join(", ");
    field
}

/// The values of a lodging.
pub(super) fn values(words: &Words, lodging: &Lodging) -> Form {
    let mut form = Form::default();
    for (name, texts) in TEXTS {
        for locale in LANGUAGES {
            form.set(&format!("{name}_{}", locale.code()), texts(lodging).exactly(locale));
        }
    }
    form.set("check_in", lodging.check_in.as_str());
    form.set("check_out", lodging.check_out.as_str());
    let Capacity { min, standard, max } = lodging.capacity;
    for (name, count) in
        [("persons_min", min), ("persons_standard", standard), ("persons_max", max)]
    {
        form.set(name, count.to_string());
    }
    for word in lodging.equipment.words() {
        form.set(&format!("{EQUIPMENT}{word}"), "1");
    }
    form.set(VERSION_FIELD, lodging.version.to_string());
    let equipment = equipment_field(words, &form).value;
    form.set("equipment", equipment);
    form
}

/// What was typed, with card numbers refused beside their field.
pub(super) fn typed(words: &Words, posted: &BTreeMap<String, String>) -> Form {
    let mut form = Form::with_values(posted);
    let card_number = |text: &String| kernel::card_text::holds_card_number(text);
    for (name, _) in posted.iter().filter(|(_, text)| card_number(text)) {
        form.fault(name, words.say("stay-fault-card-number"));
    }
    form
}

/// The lodging as the form wants it, at the version the form was made from.
pub(super) fn read(form: &Form, lodging: &Lodging) -> Lodging {
    let mut wanted = lodging.clone();
    for locale in LANGUAGES {
        let text = |name: &str| form.value(&format!("{name}_{}", locale.code()));
        wanted.names.set(locale, text("name"));
        wanted.descriptions.set(locale, text("about"));
        wanted.conditions.set(locale, text("conditions"));
        wanted.tourist_tax.set(locale, text("tax"));
    }
    wanted.check_in = form.value("check_in").trim().to_owned();
    wanted.check_out = form.value("check_out").trim().to_owned();
    let count = |name: &str| form.value(name).trim().parse().unwrap_or(0);
    wanted.capacity = Capacity {
        min: count("persons_min"),
        standard: count("persons_standard"),
        max: count("persons_max"),
    };
    let there = WORDS.into_iter().filter(|word| form.is(&format!("{EQUIPMENT}{word}"), "1"));
    wanted.equipment = Equipment::new(there).unwrap_or_default();
    wanted.version = form.value(VERSION_FIELD).parse().unwrap_or(0);
    wanted
}

/// Says what is wrong beside its field.
pub(super) fn fault(words: &Words, form: &mut Form, error: LodgingError) {
    let field = match error {
        LodgingError::Capacity | LodgingError::Units | LodgingError::Deposit => "persons_min",
        LodgingError::Name => "name_fr",
        LodgingError::CheckIn => "check_in",
        LodgingError::CheckOut => "check_out",
        LodgingError::Text => "about_fr",
    };
    form.fault(field, words.say(&format!("lodging-fault-{}", field.replace('_', "-"))));
}
