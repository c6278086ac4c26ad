#!/usr/bin/env escript
%% Erlang's httpd. Usage: inets.escript PORT LOG [CERT KEY]
-module(inets_site).
-mode(compile).
-export([main/1, do/1]).

main([Port, _Log | Tls]) ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = inets:start(httpd, [
        {port, list_to_integer(Port)}, {bind_address, {127, 0, 0, 1}}, {server_name, "localhost"},
        {server_root, "/tmp"}, {document_root, "/tmp"}, {modules, [?MODULE]} | socket(Tls)
    ]),
    io:format("ready~n"),
    receive stop -> ok end.

socket([]) -> [];
socket([Cert, Key]) ->
    {ok, _} = application:ensure_all_started(ssl),
    [{socket_type, {ssl, [{certfile, Cert}, {keyfile, Key}]}}].

%% Called by httpd: the ninth element of its record `mod` is the path.
do(Mod) ->
    {Code, Body} = answer(lists:last(string:split(element(9, Mod), "/", all))),
    Head = [{code, Code}, {content_length, integer_to_list(length(Body))}],
    {proceed, [{response, {response, Head, Body}}]}.

answer("small") -> {200, lists:duplicate(200, $s)};
answer("large") -> {200, lists:duplicate(102400, $l)};
answer(_) -> {404, "nothing here"}.
