package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

type postgres struct{ *pgx.Conn }

func connectPostgres(ctx context.Context, port, _ string) (client, error) {
	connection, err := pgx.Connect(ctx, "postgres://postgres@127.0.0.1:"+port+"/shop?sslmode=disable")
	return postgres{connection}, err
}

func (client postgres) close(ctx context.Context) error { return client.Close(ctx) }

func (client postgres) ask(ctx context.Context) error {
	_, err := client.Exec(ctx, "SHOW server_version")
	return err
}

func (client postgres) play(ctx context.Context, rounds int) error {
	for i := range rounds {
		if _, err := client.Exec(ctx, "UPDATE orders SET name = $1 WHERE id = $2", "SECRET", i); err != nil {
			return err
		}
		rows, err := client.Query(ctx, "SELECT id FROM orders LIMIT $1", 20)
		if err != nil {
			return err
		}
		rows.Close()
		if err := client.sendBatch(ctx, i); err != nil {
			return err
		}
		simple := pgx.QueryExecModeSimpleProtocol
		if _, err := client.Exec(ctx, "DELETE FROM orders WHERE name = $1", simple, "SECRET"); err != nil {
			return err
		}
		if _, err := client.Exec(ctx, "SELECT nothing FROM orders"); err == nil {
			return errors.New("there is no such column")
		}
	}
	rows := pgx.CopyFromRows([][]any{{"SECRET"}, {"SECRET"}})
	_, err := client.CopyFrom(ctx, pgx.Identifier{"goods"}, []string{"name"}, rows)
	return err
}

// In one go, as a transaction.
func (client postgres) sendBatch(ctx context.Context, i int) error {
	batch := &pgx.Batch{}
	batch.Queue("INSERT INTO orders(name) VALUES ($1)", "SECRET")
	batch.Queue("SELECT name FROM orders WHERE id = $1", i)
	batch.Queue("SELECT count(*) FROM orders")
	return client.SendBatch(ctx, batch).Close()
}
