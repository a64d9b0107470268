//! What the table of issuer ranges takes and gives, for the description of the API.

use http::openapi::{Operation, Part, boolean, integer, list, must, object, text, words};
use vault_wire::Brand;

const TAG: &str = "Cards";

/// The operations.
#[must_use]
pub fn part() -> Part {
    Part { operations: vec![import(), look_up()], schemas: Vec::new() }
}

fn import() -> Operation {
    let fault = object([
        must("line", integer().about("From 1, the header.")),
        must("column", text()),
        must("cause", text().about("What must stand there.")),
    ]);
    let report = object([
        must("applied", boolean()),
        must("version", text()),
        must("ranges", integer()),
        must("added", integer()),
        must("changed", integer()),
        must("removed", integer()),
        must("cards_changing_country", integer()),
        must("fault_count", integer()),
        must("faults", list(fault).count(0, 100)),
    ]);
    let file = text().about(
        "UTF-8, semicolons, the header bin_start;bin_end;brand;co_brand;funding;product;issuer;\
         country;currency;virtual;commercial;lengths;valid_from, at most 2,000,000 lines.",
    );
    Operation::new("PUT", "/v1/bin_table", "importBinTable")
        .titled(TAG, "Take a table of issuer ranges in place of the present one")
        .about(
            "The body is the file. Of ranges that overlap the narrowest holds, then the one with the latest \
             `valid_from`. One bad line, and nothing changes: `faults` names the first 100 with \
             line, column and cause.",
        )
        .right("vault.operator")
        .file("text/csv", file)
        .answer(200, "The table is in use.", report)
        .refuses(400, &["body_broken"])
        .refuses(422, &["bin_table_invalid", "invalid_field"])
        .asks_vault()
}

fn look_up() -> Operation {
    let brand = || words(Brand::ALL.iter().map(|brand| brand.as_str()));
    let found = object([
        must("brand", brand().or_null()),
        must("co_brands", list(brand())),
        must("funding", text().or_null()),
        must("product", text().or_null()),
        must("issuer", text().or_null()),
        must("country", text().or_null()),
        must("commercial", boolean().or_null()),
        must("virtual", boolean()),
    ]);
    Operation::new("GET", "/v1/bins/{digits}", "lookUpBin")
        .titled(TAG, "What the first 6 to 8 digits of a card say")
        .right("card.view")
        .path("digits", text().pattern("^[0-9]{6,8}$"))
        .answer(200, "What is known; `null` where the digits do not say.", found)
        .asks_vault()
}
