//! `#[deep]`: a function that descends something a Perl program can nest as it likes.
//!
//! Contract: the function's body becomes `{ ::keshi_memory::deeper(|| BODY) }`, nothing else changes. So each of its
//! calls looks for stack before it needs it, and the recursion ends where the memory does.
use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

#[proc_macro_attribute]
pub fn deep(_: TokenStream, function: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    match tokens.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
            let span = body.span();
            let Ok(call) = "::keshi_memory::deeper".parse::<TokenStream>() else { unreachable!() };
            let Ok(closure) = "||".parse::<TokenStream>() else { unreachable!() };
            let step: TokenStream = closure.into_iter().chain([TokenTree::Group(body)]).collect();
            let step = TokenTree::Group(Group::new(Delimiter::Parenthesis, step));
            let mut wrapped = Group::new(Delimiter::Brace, call.into_iter().chain([step]).collect());
            wrapped.set_span(span);
            tokens.push(TokenTree::Group(wrapped));
        }
        other => tokens.extend(other),
    }
    tokens.into_iter().collect()
}
