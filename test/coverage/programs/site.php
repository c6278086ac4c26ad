<?php
// For `php -S` and PHP-FPM.
$files = ['small' => str_repeat('s', 200), 'large' => str_repeat('l', 102400)];
$name = basename(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
file_get_contents('php://input');
$body = $files[$name] ?? 'nothing here';
http_response_code(isset($files[$name]) ? 200 : 404);
header('Content-Length: ' . strlen($body));
echo $body;
