//! The audit log as a file for spreadsheets (RFC 4180), written while it is read.
//!
//! Cells are what people named things: one that a spreadsheet would take for a formula gets an apostrophe before it. The
//! file begins with a byte order mark, without which Excel shows Chinese names as something else.

use super::{
    ApiState,
    audit::{AuditEntry, AuditFilters},
    caller::SignedIn,
    describe::{Common, Missing},
    recognition::Recognition,
    refusal::Refusal,
    request::Parameters,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::{Stream, stream};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};
use std::io;
use wharf_app::{App, AuditQuery, Context, Error, Listed, PageRequest, Place};
use wharf_model::{Limit, MAX_LIMIT};

/// RFC 3629 section 6: the signature of UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The first line. Names as the API has them, so that scripts find their columns in every language.
const HEAD: &str = "at,actor,actor_kind,action,target,namespace,address,request_id,details\r\n";

/// Download the audit log as CSV
///
/// All lines that meet the conditions, newest first. Cells that a spreadsheet would take for a formula begin with an
/// apostrophe. A person has two under way at most; one ends early when the right to read the log does.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(AuditFilters),
    responses((status = 200, description = "The lines", content((String = "text/csv"))), Common, Missing))]
pub(super) async fn export_audit(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    recognition: Recognition,
    Parameters(wanted): Parameters<AuditFilters>,
) -> Result<Response, Refusal> {
    let query = wanted.query();
    // The first page decides whether there is anything to be had; only then the answer begins.
    let first = read_page(&state.app, &context, &query, None).await?;
    let export = Export {
        _place: state.app.begin_audit_export(&context)?,
        app: state.app,
        context,
        recognition,
        query,
    };
    let body = Body::from_stream(write_lines(export, first));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"wharf-audit.csv\"",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((headers, body).into_response())
}

async fn read_page(
    app: &App,
    context: &Context,
    query: &AuditQuery,
    after: Option<String>,
) -> Result<Listed<wharf_app::AuditEntry>, Error> {
    let page = PageRequest {
        after,
        limit: Limit::clamped(Some(u64::from(MAX_LIMIT))),
    };
    app.list_audit(context, query.clone(), page).await
}

/// A file that is being written.
struct Export {
    app: App,
    context: Context,
    recognition: Recognition,
    query: AuditQuery,
    _place: Place,
}

impl Export {
    /// A further page, for who still may read it.
    async fn read_on(&mut self, after: String) -> io::Result<Listed<wharf_app::AuditEntry>> {
        let caller = self.recognition.recognize().await;
        self.context.caller = caller.map_err(io::Error::other)?;
        let page = read_page(&self.app, &self.context, &self.query, Some(after)).await;
        page.map_err(io::Error::other)
    }
}

/// What is still to be written.
enum Rest {
    Page(Listed<wharf_app::AuditEntry>),
    After(String),
    Nothing,
}

/// The whole file, a page in memory at a time.
fn write_lines(
    export: Export,
    first: Listed<wharf_app::AuditEntry>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let head = Bytes::from(format!("{BYTE_ORDER_MARK}{HEAD}"));
    let begun = (export, Rest::Page(first));
    let lines = stream::try_unfold(begun, |(mut export, rest)| async move {
        let page = match rest {
            Rest::Page(page) => page,
            Rest::After(key) => export.read_on(key).await?,
            Rest::Nothing => return Ok(None),
        };
        let next = page.next.map_or(Rest::Nothing, Rest::After);
        let text: String = page.items.into_iter().map(write_line).collect();
        Ok(Some((Bytes::from(text), (export, next))))
    });
    stream::StreamExt::chain(stream::iter([Ok(head)]), lines)
}

fn write_line(entry: wharf_app::AuditEntry) -> String {
    let entry = AuditEntry::from(entry);
    let cells = entry.cells();
    let cells: Vec<String> = cells.iter().map(|cell| write_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Signs with which a formula begins. The wide forms count too: some spreadsheets narrow them.
const RUN: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Signs behind which another cell begins where a spreadsheet takes another separator than this file's, and with it quotes
/// for letters.
const PARTING: [char; 4] = [';', '\t', '\r', '\n'];

/// A cell in quotes; with an apostrophe before what a spreadsheet would run (OWASP, CSV injection), at its beginning and
/// wherever a spreadsheet may see one.
fn write_cell(text: &str) -> String {
    let mut cell = String::from("\"");
    if text.starts_with(RUN) || text.starts_with(['\t', '\r', '\n']) {
        cell.push('\'');
    }
    let mut begins = false;
    for letter in text.chars() {
        if begins && RUN.contains(&letter) {
            cell.push('\'');
        }
        // Spaces and quotes before a formula are passed over.
        begins = PARTING.contains(&letter) || begins && matches!(letter, ' ' | '"');
        cell.push(letter);
        if letter == '"' {
            cell.push('"');
        }
    }
    cell.push('"');
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_spreadsheet_would_run_begins_a_cell() {
        for (text, cell) in [
            ("alice", "\"alice\""),
            ("", "\"\""),
            ("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t'=1\""),
            ("\n=1", "\"'\n'=1\""),
            ("a;=1", "\"a;'=1\""),
            ("a; \"＝1", "\"a; \"\"'＝1\""),
            ("a\r\n@b", "\"a\r\n'@b\""),
            ("a;b=1;c-d", "\"a;b=1;c-d\""),
            ("＝1", "\"'＝1\""),
            ("a=1", "\"a=1\""),
        ] {
            assert_eq!(write_cell(text), cell, "{text:?}");
        }
    }
}
