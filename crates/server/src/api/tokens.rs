//! The caller's own personal access tokens.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    request::{JsonBody, Parameters, Segments},
    value::{TokenAction, read_optional_time, read_time, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{Error, accounts};

/// A personal access token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    id: Uuid,
    name: String,
    actions: Vec<TokenAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

impl From<accounts::Token> for Token {
    fn from(token: accounts::Token) -> Self {
        Self {
            id: token.id.as_uuid(),
            name: token.name,
            actions: TokenAction::list(token.actions),
            expires_at: token.expires_at.map(show_time),
            created_at: show_time(token.created_at),
            last_used_at: token.last_used_at.map(show_time),
        }
    }
}

/// A token with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenWithSecret {
    #[serde(flatten)]
    token: Token,
    /// Shown this once.
    secret: String,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    name: String,
    /// No more than the credential that makes it carries.
    actions: Vec<TokenAction>,
    #[serde(default, deserialize_with = "read_optional_time")]
    expires_at: Option<Timestamp>,
}

/// List one's tokens
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(ListParameters),
    responses((status = 200, description = "By name", body = Page<Token>), Common))]
pub(super) async fn list_tokens(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Token>> {
    let listed = state.app.list_tokens(&context, list.page()?).await?;
    Ok(Json(Page::show(listed, Token::from)))
}

/// Make a token
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, description = "Made", body = TokenWithSecret), Common, Clashing, BadBody))]
pub(super) async fn create_token(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<NewToken>,
) -> Created<TokenWithSecret> {
    let new = accounts::NewToken {
        name: body.name,
        actions: TokenAction::collect(&body.actions),
        expires_at: body.expires_at.map(read_time),
    };
    let (token, secret) = state.app.create_token(&context, new).await?;
    let token = token.into();
    Ok(created(TokenWithSecret { token, secret }))
}

/// Delete a token; it ends at once
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_token(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
) -> Done {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    state.app.delete_token(&context, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
